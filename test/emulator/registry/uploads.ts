import { algorithmOf, type Digest, isDigest } from "../../../job/oci/digest.ts";
import { completeUpload, findUpload } from "../complete-upload.ts";
import { LayerUpload } from "../layer-upload.ts";
import { errorReply } from "../registry-error.ts";
import { emptyReply, type Reply } from "../reply.ts";
import { invalidDigest } from "./blobs.ts";
import { findMount } from "./mounts.ts";
import type { RegistryCall } from "./registry-call.ts";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs} */
export async function startUpload(call: RegistryCall): Promise<Reply> {
  const { repository, context, url, body } = call;
  const mounted = findMount(call);
  if (mounted !== undefined) {
    repository.blobs.set(mounted.digest, mounted);
    return created(call, mounted.digest);
  }
  const digest = url.searchParams.get("digest");
  if (digest !== null && !isDigest(digest)) return invalidDigest(digest);
  const upload = new LayerUpload({
    discardAboveBytes: context.options.discardBlobsAboveBytes ?? Number.POSITIVE_INFINITY,
    algorithm: digest === null ? readAlgorithm(url) : algorithmOf(digest),
  });
  if (digest === null) {
    repository.uploads.set(upload.id, upload);
    return progress(call, upload, 202);
  }
  await upload.append(body);
  return commit(call, upload, digest);
}

export async function patchUpload(call: RegistryCall): Promise<Reply> {
  const upload = findUpload(call.repository, call.target);
  const refusal = checkRange(call, upload);
  if (refusal !== undefined) return refusal;
  const before = upload.size;
  const received = await (call.context.quirks.has("whole-parts")
    ? upload.appendWhole(call.body)
    : upload.append(call.body));
  const claimed = readContentRange(call);
  if (claimed !== undefined && claimed.end - claimed.start !== received) {
    return errorReply(
      400,
      "SIZE_INVALID",
      `Content-Range claims other than the ${received} bytes after ${before}`,
    );
  }
  return progress(call, upload, call.context.quirks.has("patch-201") ? 201 : 202);
}

export async function finishUpload(call: RegistryCall): Promise<Reply> {
  const upload = findUpload(call.repository, call.target);
  const digest = call.url.searchParams.get("digest") ?? "";
  if (!isDigest(digest)) return invalidDigest(digest);
  const refusal = checkRange(call, upload);
  if (refusal !== undefined) return refusal;
  await upload.append(call.body);
  return commit(call, upload, digest);
}

export function uploadStatus(call: RegistryCall): Reply {
  return progress(call, findUpload(call.repository, call.target), 204);
}

export function cancelUpload(call: RegistryCall): Reply {
  const upload = findUpload(call.repository, call.target);
  call.repository.uploads.delete(upload.id);
  return emptyReply(204);
}

function commit(call: RegistryCall, upload: LayerUpload, digest: Digest): Reply {
  completeUpload(call.repository, upload, digest, call.context.quirks);
  return created(call, digest);
}

/** A chunk must begin where the upload stands. A body without a range goes on there, but for ECR only at first. */
function checkRange(call: RegistryCall, upload: LayerUpload): Reply | undefined {
  const { "content-length": length } = call.headers;
  const claimed = readContentRange(call);
  const restarts = call.context.quirks.has("restart-416") && call.method === "PATCH" && length !== "0";
  const start = claimed?.start ?? (restarts ? 0 : upload.size);
  if (start === upload.size) return undefined;
  const message = `First byte of the layer part is ${start} instead of ${upload.size}`;
  return errorReply(416, "BLOB_UPLOAD_INVALID", message, positionOf(call, upload));
}

function readContentRange(call: RegistryCall): { start: number; end: number } | undefined {
  const header = call.headers["content-range"];
  if (header === undefined) return undefined;
  const [, start, last] = /^(?:bytes )?([0-9]+)-([0-9]+)(?:\/.*)?$/.exec(header) ?? [];
  return start === undefined || last === undefined
    ? { start: -1, end: -1 }
    : { start: Number(start), end: Number(last) + 1 };
}

function readAlgorithm(url: URL): "sha256" | "sha512" {
  return url.searchParams.get("digest-algorithm") === "sha512" ? "sha512" : "sha256";
}

function progress(call: RegistryCall, upload: LayerUpload, status: number): Reply {
  return emptyReply(status, { ...positionOf(call, upload), "docker-upload-uuid": upload.id });
}

/** ECR's Range stays where the first part ended, whatever was stored since. */
function positionOf(call: RegistryCall, upload: LayerUpload): Record<string, string> {
  const [first = 0] = upload.parts;
  const told = call.context.quirks.has("stale-range") ? first : upload.size;
  const path = `/v2/${call.repository.name}/blobs/uploads/${upload.id}`;
  return { location: locate(call, path), range: `0-${Math.max(0, told - 1)}` };
}

function created(call: RegistryCall, digest: Digest): Reply {
  return emptyReply(201, {
    location: locate(call, `/v2/${call.repository.name}/blobs/${digest}`),
    "docker-content-digest": digest,
  });
}

function locate(call: RegistryCall, path: string): string {
  return call.context.options.locations === "absolute" ? new URL(path, call.url).href : path;
}
