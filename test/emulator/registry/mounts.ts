import { type Digest, isDigest } from "../../../job/oci/digest.ts";
import { mayDo } from "../authorization.ts";
import type { StoredBlob } from "../blob.ts";
import type { Repository } from "../repository.ts";
import { isReferenced } from "./blobs.ts";
import type { RegistryCall } from "./registry-call.ts";

/**
 * The blob that a POST asks to mount, if it may be; otherwise an upload begins.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository}
 */
export function findMount(call: RegistryCall): StoredBlob | undefined {
  const digest = call.url.searchParams.get("mount") ?? "";
  if (!isDigest(digest)) return undefined;
  const { accountId, region } = call.repository;
  const from = call.url.searchParams.get("from");
  const { store, quirks } = call.context;
  if (from === null) {
    return quirks.has("mount-rules") ? undefined : findAnywhere(call, digest);
  }
  const source = store.findRepository(accountId, region, from);
  const blob = source?.blobs.get(digest);
  if (source === undefined || blob === undefined) return undefined;
  if (quirks.has("mount-rules") && !isMountable(call, source, digest)) return undefined;
  return mayRead(call, source) ? blob : undefined;
}

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/blob-mounting.html} */
function isMountable(call: RegistryCall, source: Repository, digest: Digest): boolean {
  const { accountId, region, encryption } = call.repository;
  return (
    call.context.store.region(accountId, region).settings.BLOB_MOUNTING === "ENABLED" &&
    source.encryption.encryptionType === encryption.encryptionType &&
    source.encryption.kmsKey === encryption.kmsKey &&
    isReferenced(source, digest)
  );
}

function findAnywhere(call: RegistryCall, digest: Digest): StoredBlob | undefined {
  const { accountId, region } = call.repository;
  for (const source of call.context.store.region(accountId, region).repositories.values()) {
    const blob = source.blobs.get(digest);
    if (blob !== undefined && mayRead(call, source)) return blob;
  }
  return undefined;
}

function mayRead(call: RegistryCall, { accountId, region, name }: Repository): boolean {
  const { context, principal } = call;
  return mayDo(context, {
    principal,
    accountId,
    region,
    action: "GetDownloadUrlForLayer",
    repository: name,
  });
}
