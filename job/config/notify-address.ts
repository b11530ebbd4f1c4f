import { PromoterError } from "../error.ts";
import { checkReferences, isReference } from "./secret-reference.ts";

/**
 * Reads where reports are posted: an address, or a reference to a secret that holds one. Gives the text back.
 *
 * @throws {PromoterError} `InvalidConfiguration`; an address that may be a secret is not repeated.
 */
export function parseNotifyAddress(text: string): string {
  if (isReference(text)) return checkReferences(text);
  parseWebhook(text);
  return text;
}

/**
 * The address itself.
 *
 * @throws {PromoterError} `InvalidConfiguration`, without the address: whoever has it may post.
 */
export function parseWebhook(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw invalid("The address to notify is none of HTTP");
  if (url.username !== "" || url.password !== "")
    throw invalid("The address to notify has a user name in it");
  url.hash = "";
  return url;
}

/** Whether an address is of a kind that is itself the secret. */
export function isSecretAddress(url: URL): boolean {
  return url.hostname === "hooks.slack.com";
}

/**
 * For places that others can read: a file that is committed, a command line.
 *
 * @throws {PromoterError} `InvalidConfiguration` for an address that is itself the secret, which is not repeated.
 */
export function parsePublicNotifyAddress(text: string): string {
  parseNotifyAddress(text);
  if (isReference(text) || !isSecretAddress(parseWebhook(text))) return text;
  throw new PromoterError(
    "InvalidConfiguration",
    "The address of a Slack webhook is a secret, and stands here for all to read",
    {
      hint: `Put it into a variable and write \${env:NAME}, or into a file and write file:PATH`,
    },
  );
}

function invalid(message: string): PromoterError {
  return new PromoterError("InvalidConfiguration", message, {
    hint: `Write https://HOST/PATH, \${env:NAME} or file:PATH; a user name and password belong into headers`,
  });
}
