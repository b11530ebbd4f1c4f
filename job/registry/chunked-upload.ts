import { hasCode, PromoterError } from "../error.ts";
import type { ByteStream, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { discard } from "./answer.ts";
import { type RepositoryAccess, requestOf } from "./repository-access.ts";
import { assertStoredBlob, commitAddress, sessionOf, type UploadSession } from "./upload-session.ts";
import { waitingOf } from "./waiting.ts";

/** Least bytes of a chunk that is not the last: what ECR, as S3, demands. */
export const minChunkBytes: number = 5 * 1024 * 1024;

export interface ChunkedUploadOptions extends Waiting {
  readonly chunkBytes: number;
  readonly onBytes?: (bytes: number) => void;
}

interface Chunk {
  readonly pieces: readonly Uint8Array[];
  readonly start: number;
  readonly size: number;
}

/**
 * Sends a blob chunk by chunk into an upload and completes it: for what lies behind proxies that cannot take it whole.
 * Each chunk is kept until the registry has it.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks}
 *
 * @throws {PromoterError} what the registry says; whoever calls begins with a new upload.
 */
export async function sendChunks(
  access: RepositoryAccess,
  blob: Descriptor,
  session: UploadSession,
  content: ByteStream,
  options: ChunkedUploadOptions,
): Promise<void> {
  const chunkBytes = Math.max(minChunkBytes, options.chunkBytes, session.chunkMinBytes);
  let current = session;
  for await (const chunk of chunksOf(content, chunkBytes)) {
    current = await sendChunk(access, blob, current, chunk, options);
    options.onBytes?.(chunk.size);
  }
  const request = requestOf(access, commitAddress(current, blob.digest), {
    ...waitingOf(options),
    kind: "upload-finish",
    method: "PUT",
    doing: `push blob ${blob.digest}`,
    actions: "pull,push",
    ok: [201],
    once: true,
  });
  await access.send(request, async (answer) => {
    await discard(answer);
    assertStoredBlob(answer, blob.digest);
  });
}

async function* chunksOf(content: ByteStream, chunkBytes: number): AsyncGenerator<Chunk> {
  let pieces: Uint8Array[] = [];
  let start = 0;
  let size = 0;
  for await (const piece of content) {
    // Kept for longer than its bytes are there.
    pieces.push(Buffer.from(piece));
    size += piece.length;
    if (size < chunkBytes) continue;
    yield { pieces, start, size };
    start += size;
    pieces = [];
    size = 0;
  }
  if (size > 0) yield { pieces, start, size };
}

/** How often one chunk is sent, before the whole upload is begun anew. */
const chunkAttempts = 3;

async function sendChunk(
  access: RepositoryAccess,
  blob: Descriptor,
  session: UploadSession,
  chunk: Chunk,
  options: Waiting,
): Promise<UploadSession> {
  let current = session;
  let rest = chunk;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await patch(access, blob, current, rest, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (attempt === chunkAttempts || !mayContinue(error)) throw error;
      const known = await statusOf(access, blob, current, options);
      if (known === undefined) throw error;
      current = known.session;
      const arrived = known.received - rest.start;
      if (arrived === rest.size) return current;
      // What the registry holds is not what was sent.
      if (isOutOfStep(error) && arrived !== 0) throw error;
      // Some keep what came before the connection broke. ECR's position is stale, and its refusal tells if it does.
      if (arrived > 0 && arrived < rest.size) rest = withoutFirst(arrived, rest);
    }
  }
}

function withoutFirst(bytes: number, { pieces, start, size }: Chunk): Chunk {
  let left = bytes;
  const rest = pieces.flatMap((piece) => {
    const skipped = Math.min(left, piece.length);
    left -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
  return { pieces: rest, start: start + bytes, size: size - bytes };
}

function mayContinue(error: unknown): boolean {
  if (!(error instanceof PromoterError)) return false;
  return error.temporary || isOutOfStep(error);
}

function isOutOfStep(error: unknown): boolean {
  return (error instanceof PromoterError && error.status === 416) || hasCode(error, "RangeInvalid");
}

/** ECR answers 201 to a chunk, some 204; the `Range` that comes with it may be stale and is not looked at. */
function patch(
  access: RepositoryAccess,
  blob: Descriptor,
  session: UploadSession,
  { pieces, start, size }: Chunk,
  options: Waiting,
): Promise<UploadSession> {
  const request = requestOf(access, session.location, {
    ...waitingOf(options),
    kind: "upload-part",
    method: "PATCH",
    doing: `push blob ${blob.digest}`,
    actions: "pull,push",
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(size),
      "content-range": `${start}-${start + size - 1}`,
    },
    body: pieces,
    ok: [201, 202, 204],
    once: true,
  });
  return access.send(request, async (answer) => {
    await discard(answer);
    return answer.headers.location === undefined ? session : sessionOf(access, answer);
  });
}

interface UploadStatus {
  readonly session: UploadSession;
  /** Bytes that the registry says it has. */
  readonly received: number;
}

/** How far an upload has come; undefined where the registry does not tell. */
async function statusOf(
  access: RepositoryAccess,
  blob: Descriptor,
  session: UploadSession,
  options: Waiting,
): Promise<UploadStatus | undefined> {
  const request = requestOf(access, session.location, {
    ...waitingOf(options),
    kind: "upload-part",
    method: "GET",
    doing: `push blob ${blob.digest}`,
    actions: "pull,push",
    ok: [204],
  });
  try {
    return await access.send(request, async (answer) => {
      await discard(answer);
      const last = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.range ?? "")?.[1];
      const known = answer.headers.location === undefined ? session : sessionOf(access, answer);
      // An upload without a byte is told as 0-0.
      return { session: known, received: last === undefined || last === "0" ? 0 : Number(last) + 1 };
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    access.log.debug({ error: String(error) }, "The registry does not say how far the upload has come");
    return undefined;
  }
}
