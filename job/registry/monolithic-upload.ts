import { PromoterError } from "../error.ts";
import type { ByteStream, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { discard } from "./answer.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";
import { StallWatch } from "./stall-watch.ts";
import { assertStoredBlob, commitAddress, type UploadSession } from "./upload-session.ts";

/** How much longer than for other answers a registry may take to store a blob after its last byte. */
const commitPatience = 5;

export interface MonolithicUploadOptions extends Waiting {
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Sends all bytes of a blob and commits them in one request. The length is announced and the last bytes come only
 * when they are proven, so what is wrong can never be committed.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put}
 *
 * @param content the blob's bytes, verified.
 */
export async function sendWhole(
  access: RepositoryAccess,
  blob: Descriptor,
  session: UploadSession,
  content: ByteStream,
  { signal, aside, onBytes }: MonolithicUploadOptions,
): Promise<void> {
  const stall = new AbortController();
  const watch = new StallWatch({
    windowMs: access.progressTimeoutMs,
    onStall: () => stall.abort(stalled(access, blob)),
  });
  try {
    const request = requestOf(access, commitAddress(session, blob.digest), {
      kind: "upload-finish",
      method: "PUT",
      doing: `push blob ${blob.digest}`,
      actions: "pull,push",
      headers: { "content-type": "application/octet-stream", "content-length": String(blob.size) },
      ...(blob.size > 0 ? { body: metered(content, watch, onBytes) } : await drained(content)),
      ok: [201],
      once: true,
      timeoutMs: commitPatience * access.progressTimeoutMs,
      ...(aside && { aside }),
      signal: signal === undefined ? stall.signal : AbortSignal.any([signal, stall.signal]),
    });
    await access.send(request, async (answer) => {
      await discard(answer);
      assertStoredBlob(answer, blob.digest);
    });
  } finally {
    watch.stop();
  }
}

/** An empty blob is proven as well, although there is nothing to send. */
async function drained(content: ByteStream): Promise<object> {
  for await (const _ of content);
  return {};
}

async function* metered(
  content: ByteStream,
  watch: StallWatch,
  onBytes: MonolithicUploadOptions["onBytes"],
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    onBytes?.(chunk.length);
    watch.waiting();
    yield chunk;
    watch.moved(chunk.length);
  }
}

function stalled(access: RepositoryAccess, blob: Descriptor): PromoterError {
  return new PromoterError(
    "Timeout",
    `Cannot push blob ${blob.digest} at ${access.host}/${access.repository}: hardly a byte was taken for ${access.progressTimeoutMs / 1000} s`,
    { temporary: true, hint: "See what slows the connection down, or run again later" },
  );
}
