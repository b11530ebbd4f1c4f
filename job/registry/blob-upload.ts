import { retry } from "../async/retry.ts";
import { hasCode, PromoterError } from "../error.ts";
import type { ByteStream, PushBlobOptions } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { verified } from "../oci/verified.ts";
import { hasBlob } from "./blobs.ts";
import { sendChunks } from "./chunked-upload.ts";
import { isDamage } from "./damage.ts";
import { sendWhole } from "./monolithic-upload.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { type SourceStream, sourceOf } from "./source-stream.ts";
import { cancelUpload, startUpload, type UploadSession } from "./upload-session.ts";
import { waitingOf } from "./waiting.ts";

export interface BlobUploadOptions extends PushBlobOptions {
  /** Bytes of a chunk, should the blob not go through whole. */
  readonly chunkBytes: number;
}

/**
 * Puts a blob into the repository in two requests: one that opens an upload (and, where asked, tries a mount), one
 * that carries all bytes and commits them. What breaks on the way begins with a new upload, after asking whether the
 * blob has arrived after all; what keeps breaking is sent in chunks.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs}
 *
 * @throws {PromoterError} what the registry says; the source's own error, unchanged, when that fails;
 * `DigestMismatch` or `SizeMismatch` when the source's bytes are wrong. The upload is cancelled then.
 */
export async function pushBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  open: () => Promise<ByteStream>,
  options: BlobUploadOptions,
): Promise<"mounted" | "present" | "sent"> {
  const upload = new BlobUpload(access, blob, open, options);
  return retry((attempt) => upload.attempt(attempt), {
    ...access.retry,
    clock: access.clock,
    ...waitingOf(options),
    retryable: (error) => upload.mayRepeat(error),
    onRetry: (error, attempt, waitMs) => {
      const level = isDamage(error) ? "warn" : "debug";
      access.log[level]({ attempt, waitMs, error: String(error) }, `Pushing blob ${blob.digest} again`);
    },
  });
}

/** How often the source may fail for a moment before that is final: it has repeated its own requests already. */
const sourceFailuresAllowed = 1;

/** How many connections may break before the blob is sent in chunks. */
const breaksAllowed = 1;

/** What is remembered from attempt to attempt. */
class BlobUpload {
  readonly #access: RepositoryAccess;
  readonly #blob: Descriptor;
  readonly #open: () => Promise<ByteStream>;
  readonly #options: BlobUploadOptions;
  #sent = 0;
  #breaks = 0;
  #sourceFailures = 0;
  #inChunks = false;
  /** Where the last attempt failed: what goes before sending has been repeated already. */
  #failedIn: "preparing" | "source" | "sending" = "preparing";

  constructor(
    access: RepositoryAccess,
    blob: Descriptor,
    open: () => Promise<ByteStream>,
    options: BlobUploadOptions,
  ) {
    this.#access = access;
    this.#blob = blob;
    this.#open = open;
    this.#options = options;
  }

  async attempt(attempt: number): Promise<"mounted" | "present" | "sent"> {
    const { mountFrom } = this.#options;
    const waiting = waitingOf(this.#options);
    this.#failedIn = "preparing";
    // The answer may have been lost after the registry had the blob.
    if (attempt > 1 && (await hasBlob(this.#access, this.#blob, waiting))) return "sent";
    const mounting = attempt === 1 && mountFrom !== undefined;
    // Both sides are asked at once, unless a mount may spare the source.
    const source = sourceOf(this.#open);
    if (!mounting) source.start();
    try {
      const session = await startUpload(this.#access, this.#blob, {
        ...waiting,
        ...(mounting && { mountFrom }),
      });
      if (session === "mounted") return "mounted";
      if (mounting && (await hasBlob(this.#access, this.#blob, waiting))) {
        await cancelUpload(this.#access, session);
        return "present";
      }
      await this.#send(session, source);
      return "sent";
    } finally {
      source.close();
    }
  }

  mayRepeat(error: unknown): boolean {
    if (!(error instanceof PromoterError)) return false;
    if (this.#failedIn === "source") {
      this.#sourceFailures += 1;
      const again = error.temporary || isDamage(error);
      return again && this.#sourceFailures <= sourceFailuresAllowed;
    }
    if (this.#failedIn === "preparing") return false;
    const inChunksBefore = this.#inChunks;
    if (error.code === "Network" || error.code === "Timeout") this.#breaks += 1;
    this.#inChunks ||= this.#breaks > breaksAllowed || [408, 413, 504].includes(error.status ?? 0);
    // The upload itself is lost or out of step; a new one begins at its first byte.
    const lost = ["BlobUploadUnknown", "BlobUploadInvalid", "RangeInvalid"].includes(error.code);
    return lost || error.temporary || (error.status === 413 && !inChunksBefore);
  }

  async #send(session: UploadSession, source: SourceStream): Promise<void> {
    this.#takeBack();
    const options = {
      chunkBytes: this.#options.chunkBytes,
      ...waitingOf(this.#options),
      onBytes: (bytes: number) => this.#count(bytes),
    };
    try {
      // A connection to the destination is not kept waiting for a source that has to be waited for.
      await source.opened();
      const content = verified(source.bytes(), this.#blob);
      const how = this.#inChunks ? sendChunks : sendWhole;
      await how(this.#access, this.#blob, session, source.guard(content), options);
    } catch (error) {
      this.#failedIn = source.failure === undefined ? "sending" : "source";
      source.close();
      if (!hasCode(error, "BlobUploadUnknown")) await cancelUpload(this.#access, session);
      throw source.failure ?? error;
    }
  }

  #count(bytes: number): void {
    this.#sent += bytes;
    this.#options.onBytes?.(bytes);
  }

  #takeBack(): void {
    if (this.#sent !== 0) this.#options.onBytes?.(-this.#sent);
    this.#sent = 0;
  }
}
