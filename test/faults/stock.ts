import { createHash } from "node:crypto";
import { isObject } from "../../job/oci/descriptor.ts";
import { type Digest, digestOf } from "../../job/oci/digest.ts";
import { readBlob, type StoredBlob } from "../emulator/blob.ts";
import type { Repository } from "../emulator/repository.ts";
import type { ImageFixture } from "../fixtures/image-fixture.ts";

/** What is there, by digest, and what the tags stand for. */
export interface Stock {
  readonly blobs: ReadonlySet<Digest>;
  readonly manifests: ReadonlySet<Digest>;
  readonly tags: ReadonlyMap<string, Digest>;
}

export function stockOf({ blobs, manifests, imageTags }: Repository): Stock {
  return {
    blobs: new Set(blobs.keys()),
    manifests: new Set(manifests.keys()),
    tags: new Map(imageTags),
  };
}

/** What tags lead to that is missing, or is not the bytes that its digest names: walked and hashed. */
export function tornTags(repository: Repository): string[] {
  const torn: string[] = [];
  for (const [tag, digest] of repository.imageTags) {
    const broken = brokenBelow(repository, digest, new Set());
    torn.push(...broken.map((what) => `${repository.name}:${tag} leads to ${what}`));
  }
  return torn;
}

function brokenBelow(repository: Repository, digest: Digest, seen: Set<Digest>): string[] {
  if (seen.has(digest)) return [];
  seen.add(digest);
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) return [`missing manifest ${digest}`];
  if (digestOf(manifest.bytes) !== digest) return [`altered manifest ${digest}`];
  const document: Readonly<Record<string, unknown>> = JSON.parse(Buffer.from(manifest.bytes).toString());
  const children = digestsIn(document.manifests).flatMap((child) => brokenBelow(repository, child, seen));
  const blobs = [...digestsIn([document.config]), ...digestsIn(document.layers)].flatMap((wanted) => {
    const blob = repository.blobs.get(wanted);
    if (blob === undefined) return [`missing blob ${wanted}`];
    return hashOf(blob) === wanted ? [] : [`altered blob ${wanted}`];
  });
  return [...children, ...blobs];
}

function digestsIn(value: unknown): Digest[] {
  const members: readonly unknown[] = Array.isArray(value) ? value : [];
  return members.flatMap((member) => (isObject(member) ? (member.digest as Digest) : []));
}

/** Content is never changed in place, so the same object has the same hash. */
const hashes = new WeakMap<StoredBlob, string>();

function hashOf(blob: StoredBlob): string {
  const known = hashes.get(blob);
  if (known !== undefined) return known;
  const hash = createHash("sha256");
  for (const chunk of readBlob(blob)) hash.update(chunk);
  const found = `sha256:${hash.digest("hex")}`;
  hashes.set(blob, found);
  return found;
}

/** What of the fixture is not there byte for byte. */
export function missingOf(repository: Repository, fixture: ImageFixture): string[] {
  const manifests = fixture.manifests.filter(
    ({ descriptor, bytes }) =>
      !Buffer.from(repository.manifests.get(descriptor.digest)?.bytes ?? []).equals(bytes),
  );
  const blobs = fixture.blobs.filter(({ digest }) => {
    const stored = repository.blobs.get(digest);
    return stored === undefined || hashOf(stored) !== digest;
  });
  return [
    ...manifests.map(({ descriptor }) => `manifest ${descriptor.digest}`),
    ...blobs.map(({ digest }) => `blob ${digest}`),
  ].map((what) => `${repository.name} lacks ${what}`);
}

/** Bytes of the fixtures' blobs that are not there, each counted once. */
export function missingBytes(stock: Stock, fixtures: readonly ImageFixture[]): number {
  const wanted = new Map(fixtures.flatMap(({ blobs }) => blobs).map((blob) => [blob.digest, blob.size]));
  return [...wanted].reduce((sum, [digest, size]) => sum + (stock.blobs.has(digest) ? 0 : size), 0);
}
