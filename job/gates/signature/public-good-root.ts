import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { PromoterError } from "../../error.ts";

export interface PublicGoodRootOptions {
  /** The folder for temporary files, where the library keeps its downloads too: `os.tmpdir()`. */
  readonly temporaryFolder: string;
}

/**
 * Loads the trusted root of sigstore's public instance by The Update Framework, whose first root of trust is part of
 * the client. What it fetches goes into a new folder that nobody else may write, and is removed afterwards: a kept one
 * would be believed the next time, whoever had altered it.
 *
 * @throws {PromoterError} `Unavailable` when it cannot be fetched; `InvalidConfiguration` when the folder cannot be
 * written.
 */
export async function loadPublicGoodRoot({ temporaryFolder }: PublicGoodRootOptions): Promise<string> {
  const folder = await newFolder(temporaryFolder);
  try {
    const { initTUF } = await import("@sigstore/tuf");
    const client = await initTUF({ cachePath: folder });
    return await client.getTarget("trusted_root.json");
  } catch (cause) {
    throw new PromoterError(
      "Unavailable",
      `Cannot fetch the trusted root of sigstore's public instance: ${deepestReason(cause)}`,
      {
        cause,
        temporary: true,
        hint: "Let the Job reach tuf-repo-cdn.sigstore.dev (behind a proxy also with NODE_USE_ENV_PROXY=1), or bring the file along: cosign trusted-root create --with-default-services > trusted_root.json, and --sigstore-trusted-root trusted_root.json",
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function newFolder(temporaryFolder: string): Promise<string> {
  try {
    return await mkdtemp(join(temporaryFolder, "sigstore-"));
  } catch (cause) {
    throw new PromoterError(
      "InvalidConfiguration",
      `Cannot fetch the trusted root of sigstore's public instance: ${temporaryFolder} cannot be written`,
      {
        cause,
        hint: "Set TMPDIR=/dev/shm or mount an emptyDir at /tmp, or bring the file along with --sigstore-trusted-root trusted_root.json",
      },
    );
  }
}

/** The library says that something failed; what failed stands below. */
function deepestReason(thrown: unknown): string {
  let reason = thrown;
  while (reason instanceof Error && reason.cause instanceof Error) reason = reason.cause;
  return reason instanceof Error ? reason.message : String(reason);
}
