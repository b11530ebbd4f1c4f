import { PromoterError } from "../error.ts";

const reference = /\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g;
const filePrefix = "file:";

/** Whether a text names where a secret stands, by `${env:NAME}` in it or by `file:PATH`, instead of being one. */
export function isReference(text: string): boolean {
  return text.startsWith(filePrefix) || text.includes("${");
}

/**
 * Reads a text that may hold references to secrets: `${env:NAME}` anywhere, or `file:PATH` as a whole. Gives it back.
 *
 * @throws {PromoterError} `InvalidConfiguration` for a reference that cannot be read; what it says is not repeated.
 */
export function checkReferences(text: string): string {
  const file = text.startsWith(filePrefix) ? filePath(text) : undefined;
  if (file !== "" && !text.replace(reference, "").includes("${")) return text;
  throw new PromoterError("InvalidConfiguration", "Cannot read a reference to a secret", {
    hint: `Write \${env:NAME} for an environment variable, or file:PATH for a file that holds nothing else`,
  });
}

/** The same text with the path of `file:` as seen from a configuration file. */
export function referenceBeside(source: string, text: string): string {
  const path = text.startsWith(filePrefix) ? filePath(text) : "/";
  const folder = source.slice(0, source.lastIndexOf("/") + 1);
  return path.startsWith("/") ? text : `${filePrefix}${folder}${path}`;
}

export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Promise<string>;
}

/**
 * The text with what its references stand for; white space around a file's content does not count.
 *
 * @throws {PromoterError} `InvalidConfiguration` when a variable is not set or a file cannot be read.
 */
export async function resolveReferences(text: string, { env, readFile }: ReferenceSources): Promise<string> {
  checkReferences(text);
  if (text.startsWith(filePrefix)) return readSecret(filePath(text), readFile);
  return text.replace(reference, (_, name: string) => {
    const value = env[name]?.trim() ?? "";
    if (value !== "") return value;
    throw new PromoterError("InvalidConfiguration", `The environment variable ${name} is not set`, {
      hint: `Set ${name}: in a Job from a Secret, in CI from the secrets of the project`,
    });
  });
}

async function readSecret(path: string, readFile: ReferenceSources["readFile"]): Promise<string> {
  try {
    return (await readFile(path)).trim();
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new PromoterError("InvalidConfiguration", `Cannot read the secret in ${path}: ${reason}`, {
      hint: "Check the path, and that the file may be read; in a Job it has to be mounted",
      cause,
    });
  }
}

/** `file:///a` is `/a`, as in addresses. */
function filePath(text: string): string {
  return text.slice(filePrefix.length).replace(/^\/\/\//, "/");
}
