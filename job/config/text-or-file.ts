import { PromoterError } from "../error.ts";

/** Texts that may stand where a file is named: PEM and JSON. */
const inline = /^\s*(?:-----BEGIN |\{)/;

/** Whether a setting holds the text itself and not the name of a file with it. */
export function isInline(text: string): boolean {
  return inline.test(text);
}

/** The path of a file that a configuration file names: relative to that file, as people read it. */
export function besideFile(file: string, text: string): string {
  const folder = file.slice(0, file.lastIndexOf("/") + 1);
  return isInline(text) || text.startsWith("/") ? text : `${folder}${text}`;
}

/**
 * Reads texts apart: PEM blocks whole, and between them parts between commas or line ends.
 *
 * @throws {PromoterError} `InvalidConfiguration` for a private key.
 */
export function parseKeys(text: string): readonly string[] {
  return text
    .split(/(-----BEGIN [A-Z ]{1,40}-----[^-]*-----END [A-Z ]{1,40}-----)/)
    .flatMap((part) => (isInline(part) ? [parseKey(part.trim())] : part.split(/[,\n]/)))
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/**
 * A public key, or the name of a file with one.
 *
 * @throws {PromoterError} `InvalidConfiguration` for a private key, which is not repeated.
 */
export function parseKey(text: string): string {
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return text;
  throw new PromoterError("InvalidConfiguration", "There is a private key where a public one belongs", {
    hint: "Make the public key of it: cosign public-key --key cosign.key > cosign.pub; and take the private key for published",
  });
}

/**
 * The text itself, or that of the file.
 *
 * @param what for the message: `the public key`.
 * @throws {PromoterError} `InvalidConfiguration` when the file cannot be read.
 */
export async function readTextOrFile(
  text: string,
  what: string,
  readFile: (path: string) => Promise<string>,
): Promise<string> {
  if (isInline(text)) return text;
  try {
    return await readFile(text);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new PromoterError("InvalidConfiguration", `Cannot read ${what} ${text.slice(0, 300)}: ${reason}`, {
      hint: "Check the path, and that the file may be read; in a Job it has to be mounted",
      cause,
    });
  }
}
