import * as z from "zod";
import { notificationFormats, notificationOccasions } from "../config/notification-words.ts";
import { notifySchema } from "../config/notify-schema.ts";
import { documented } from "./documented.ts";

/** Who is told of promotions. Nothing of it can hold up a sync: a Secret that is not there means that nobody is told. */
export const notifyValues = {
  notify: z
    .strictObject({
      secret: documented(
        z.string(),
        "",
        "Secret with the address that reports are posted to: a webhook of Slack, or of anybody who reads JSON",
      ),
      key: documented(z.string().min(1), "url", "Key of the address in the Secret"),
      authorizationKey: documented(
        z.string().min(1),
        "authorization",
        "Key of the Authorization header in the Secret, if it has any",
      ),
      format: documented(
        z.enum(notificationFormats),
        "auto",
        "What is posted: json, slack, or auto, which goes by the host",
      ),
      when: documented(
        z.enum(notificationOccasions),
        "changes",
        "When: always, changes (and failures), failure",
      ),
      targets: documented(
        notifySchema,
        [],
        `Further ones, as the list notify of promoter.yaml: url, format, when, headers; secrets as \${env:NAME} of extraEnv or file:PATH of extraVolumeMounts`,
      ),
    })
    .describe("Who is told of promotions; by default nobody"),
};
