import { randomUUID } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PromoterError } from "../../error.ts";
import { printable } from "../../registry/redact.ts";
import { type GitProgram, runGit } from "./git-program.ts";

/** Who signs commits: a private key without a passphrase. */
export interface SigningKey {
  /** `ssh`: a key of OpenSSH. `openpgp`: an armored secret key. */
  readonly format: "ssh" | "openpgp";
  /** The key itself: secret. */
  readonly key: string;
}

/** What git has to be told so that it signs. */
export interface Signing {
  readonly settings: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Ends what was started for it. */
  stop(): Promise<void>;
}

/**
 * Prepares signing with a key, kept in a folder that nobody else reads.
 *
 * @throws {PromoterError} `InvalidConfiguration` when the key cannot be used, or there is no program to sign with.
 */
export async function prepareSigning(
  { format, key }: SigningKey,
  { folder, env, signal }: { readonly folder: string; readonly signal: AbortSignal } & GitProgram,
): Promise<Signing> {
  if (format === "ssh") {
    const keyFile = await writePrivately(join(folder, "signing-key"), key);
    const settings = { "gpg.format": "ssh", "user.signingKey": keyFile };
    return { settings, env: {}, stop: async () => {} };
  }
  const home = join(folder, "gnupg");
  await mkdir(home, { mode: 0o700 });
  const gpgEnv = { ...env, GNUPGHOME: home };
  const gpg = (args: readonly string[], input = "") =>
    runGit({ program: "gpg", env: gpgEnv }, ["--batch", "--no-tty", ...args], { folder, signal, input });
  const imported = await gpg(["--import"], key);
  const listed = await gpg(["--list-secret-keys", "--with-colons"]);
  const fingerprint = /^fpr:+([\dA-F]{16,64}):/m.exec(listed.stdout.toString("utf8"))?.[1];
  if (fingerprint === undefined) throw unusable(imported.stderr);
  return {
    settings: { "gpg.format": "openpgp", "gpg.program": "gpg", "user.signingKey": fingerprint },
    env: { GNUPGHOME: home },
    async stop() {
      // The agent would outlive the program, and hold on to the folder.
      const lasting = new AbortController().signal;
      const run = { folder, signal: lasting, timeoutMs: 5_000 };
      await runGit({ program: "gpgconf", env: gpgEnv }, ["--kill", "all"], run).catch(() => {});
    },
  };
}

/**
 * Writes a key as programs want to find it: for nobody else, with an end of its last line, and whole for whoever reads it
 * at this moment.
 */
export async function writePrivately(path: string, key: string): Promise<string> {
  const fresh = `${path}-${randomUUID()}`;
  await writeFile(fresh, `${key.trim()}\n`, { mode: 0o600 });
  await rename(fresh, path);
  return path;
}

function unusable(stderr: string): PromoterError {
  const [said = ""] = stderr.split("\n");
  const message = `Cannot sign commits with the OpenPGP key: ${printable(said, 200)}`;
  return new PromoterError("InvalidConfiguration", message, {
    hint: "Give what gpg --armor --export-secret-keys KEY prints, of a key without a passphrase",
  });
}
