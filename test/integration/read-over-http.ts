import { request } from "undici";
import { expect } from "vitest";
import { type Digest, digestOf } from "../../job/oci/digest.ts";
import type { ImageFixture } from "../fixtures/image-fixture.ts";

/** One repository, as anybody reaches it over plain HTTP. */
export interface RepositoryAddress {
  /** Scheme, host and port of the registry: `http://127.0.0.1:5000`. */
  readonly registry: string;
  readonly repository: string;
  /** The Authorization header, if one is needed. */
  readonly authorization?: string;
}

export interface ReadManifest {
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** A manifest under a tag or digest; `undefined` when it is not there. */
export async function readManifest(
  { registry, repository, authorization }: RepositoryAddress,
  target: string,
): Promise<ReadManifest | undefined> {
  const { statusCode, headers, body } = await request(`${registry}/v2/${repository}/manifests/${target}`, {
    headers: { accept: manifestTypes, ...(authorization && { authorization }) },
  });
  const bytes = Buffer.from(await body.arrayBuffer());
  if (statusCode === 404) return undefined;
  if (statusCode !== 200) throw new Error(`${statusCode} for ${repository}/${target}: ${bytes}`);
  return { bytes, mediaType: String(headers["content-type"]) };
}

/** The digest of what the registry really sends for a blob; `undefined` when it is not there. */
export async function readBlobDigest(
  { registry, repository, authorization }: RepositoryAddress,
  digest: Digest,
): Promise<Digest | undefined> {
  const algorithm = digest.startsWith("sha512:") ? "sha512" : "sha256";
  const first = await request(`${registry}/v2/${repository}/blobs/${digest}`, {
    headers: { ...(authorization && { authorization }) },
  });
  if (first.statusCode === 200) return digestOf(await first.body.bytes(), algorithm);
  await first.body.dump();
  if (first.statusCode === 404) return undefined;
  if (first.statusCode !== 307) throw new Error(`${first.statusCode} for ${repository}/${digest}`);
  const stored = await request(String(first.headers.location));
  const bytes = await stored.body.bytes();
  if (stored.statusCode !== 200) throw new Error(`${stored.statusCode} from the storage: ${bytes}`);
  return digestOf(bytes, algorithm);
}

/** Every manifest of the fixture is in the repository byte for byte, and every blob with its digest. */
export async function expectWhole(address: RepositoryAddress, fixture: ImageFixture): Promise<void> {
  for (const { descriptor, bytes } of fixture.manifests) {
    const found = await readManifest(address, descriptor.digest);
    expect(found?.mediaType).toBe(descriptor.mediaType);
    expect(found?.bytes.equals(bytes)).toBe(true);
  }
  for (const { digest } of fixture.blobs) expect(await readBlobDigest(address, digest)).toBe(digest);
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "*/*",
].join(", ");
