import * as z from "zod";
import { notificationFormats, notificationOccasions } from "./notification-words.ts";
import { parsePublicNotifyAddress } from "./notify-address.ts";
import { parsedText } from "./parsed-text.ts";
import { checkReferences } from "./secret-reference.ts";

/** Headers that are made by whoever sends the request. */
const ownHeaders =
  /^(?:connection|content-(?:length|type)|host|transfer-encoding|upgrade|user-agent|idempotency-key)$/i;

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,64}$/, "A header's name has letters, digits and -")
  .refine((name) => !ownHeaders.test(name), { error: "This header is set already" });

/** Where reports of promotions are posted. */
export const notifySchema = z.array(
  z.strictObject({
    url: parsedText(parsePublicNotifyAddress).describe(
      `Address that the report is posted to: https://HOST/PATH, \${env:NAME} or file:PATH`,
    ),
    format: z
      .enum(notificationFormats)
      .optional()
      .describe("What is posted: the report as json, or a message for slack; default auto, by the host"),
    when: z
      .enum(notificationOccasions)
      .optional()
      .describe(
        "When: always, where there were changes or failures, or where something failed; default changes",
      ),
    headers: z
      .record(headerName, parsedText(checkReferences))
      .optional()
      .describe(`Headers to send along, with secrets as \${env:NAME} or file:PATH`),
  }),
);
