import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Credentials } from "./credentials.ts";

/** Asks the credential helper `name` for a server's credentials; undefined when it has none. */
export type RunHelper = (
  name: string,
  serverUrl: string,
  waiting?: Waiting,
) => Promise<Credentials | undefined>;

export interface CredentialHelperOptions {
  /** What the helper runs with; `PATH` is where it is looked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until a helper is ended. Default 30 seconds: some ask a cloud for a token. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 30_000;
const maxOutputBytes = 128 * 1024;
/** What helpers print, by agreement, when they have nothing. */
const notFound = "credentials not found in native keychain";

/**
 * Runs credential helpers by Docker's protocol: `docker-credential-NAME get`, the server's address on standard input,
 * JSON on standard output. No shell is involved, and nothing that a helper prints gets into an error.
 *
 * {@link https://github.com/docker/docker-credential-helpers/blob/v0.9.3/README.md#development}
 *
 * The returned function throws {PromoterError} `InvalidConfiguration` for a name that no helper can have, and
 * `CredentialsUnavailable` when the helper is missing, fails, takes too long or prints something else.
 */
export function credentialHelpers(options: CredentialHelperOptions): RunHelper {
  return async (name, serverUrl, waiting = {}) => {
    if (!/^[A-Za-z0-9._-]+$/.test(name)) {
      throw new PromoterError(
        "InvalidConfiguration",
        "A credential helper of Docker's configuration has no valid name",
        {
          hint: "Name a helper by what follows docker-credential- in its program's name: ecr-login, pass, desktop",
        },
      );
    }
    const { failure, output } = await run(`docker-credential-${name}`, serverUrl, options, waiting);
    waiting.signal?.throwIfAborted();
    if (failure === undefined) return readCredentials(name, serverUrl, output);
    if (output.trim() === notFound) return undefined;
    throw unavailable(name, serverUrl, failure);
  };
}

interface Outcome {
  /** What went wrong, in words of ours. */
  readonly failure: string | undefined;
  readonly output: string;
}

async function run(
  program: string,
  input: string,
  { env, timeoutMs = defaultTimeoutMs }: CredentialHelperOptions,
  { signal }: Waiting,
): Promise<Outcome> {
  const { execFile } = await import("node:child_process");
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const settings = {
    env,
    timeout: timeoutMs,
    maxBuffer: maxOutputBytes,
    killSignal: "SIGKILL",
    windowsHide: true,
  } as const;
  const child = execFile(program, ["get"], { ...settings, ...(signal && { signal }) }, (error, output) => {
    resolve({ failure: error === null ? undefined : describe(error), output });
  });
  // A helper that ends without reading its input is judged by how it ends.
  child.stdin?.on("error", () => {});
  child.stdin?.end(`${input}\n`);
  return promise;
}

function describe(error: Error & { code?: unknown; killed?: boolean }): string {
  if (error.code === "ENOENT") return "it is not installed, or not in PATH";
  if (error.code === "EACCES") return "it may not be run";
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER")
    return `it printed more than ${maxOutputBytes} bytes`;
  if (error.killed === true) return "it took too long";
  return typeof error.code === "number"
    ? `it ended with exit code ${error.code}`
    : "it was ended by a signal";
}

function readCredentials(name: string, serverUrl: string, output: string): Credentials | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(output);
  } catch {
    // Without its cause: the parser's message quotes the output, which holds the secret.
    throw unavailable(name, serverUrl, "it printed what is no JSON");
  }
  const { Username: username, Secret: secret } = (answer ?? {}) as { Username?: unknown; Secret?: unknown };
  if (typeof username !== "string" || typeof secret !== "string") {
    throw unavailable(name, serverUrl, "it printed no Username and Secret");
  }
  if (username === "" && secret === "") return undefined;
  if (username === "<token>") return { kind: "identity-token", token: secret };
  return { kind: "basic", username, password: secret };
}

function unavailable(name: string, serverUrl: string, why: string): PromoterError {
  return new PromoterError(
    "CredentialsUnavailable",
    `Cannot get the credentials for ${serverUrl} from docker-credential-${name}: ${why}`,
    {
      hint: `Try echo ${serverUrl} | docker-credential-${name} get, or take the helper out of Docker's configuration`,
    },
  );
}
