import { request } from "undici";
import { expect } from "vitest";
import type { Digest } from "../../job/oci/digest.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { type ImageFixture, index, rootDigest } from "../fixtures/image-fixture.ts";
import { type RepositoryAddress, readManifest } from "./read-over-http.ts";
import type { World, WorldKind } from "./world.ts";

type Pairs = readonly (readonly [subject: ImageFixture, referrer: ImageFixture])[];

/** Pushes what has a subject to the source; with the fallback tag, as clients do for distribution, which has no API. */
export async function putReferrers({ kind, source }: World, repository: string, pairs: Pairs): Promise<void> {
  for (const [, referrer] of pairs) await source.put(repository, referrer, []);
  if (kind !== "distribution") return;
  for (const [subject, referrers] of bySubject(pairs)) {
    await source.put(repository, index(referrers), [referrersTag(subject)]);
  }
}

/** The registry lists exactly these referrers: by its API, or under the fallback tag where it has none. */
export async function expectReferrers(
  kind: WorldKind,
  address: RepositoryAddress,
  pairs: Pairs,
): Promise<void> {
  for (const [subject, referrers] of bySubject(pairs)) {
    const listed = kind === "distribution" ? await underTag(address, subject) : await byApi(address, subject);
    expect(listed.manifests.map(({ digest }) => digest).toSorted()).toEqual(
      referrers.map(rootDigest).toSorted(),
    );
    for (const { artifactType } of listed.manifests) expect(artifactType).toMatch(/^application\//);
  }
}

interface ReferrersIndex {
  readonly manifests: readonly { readonly digest: string; readonly artifactType?: string }[];
}

async function byApi(
  { registry, repository, authorization }: RepositoryAddress,
  subject: Digest,
): Promise<ReferrersIndex> {
  const { statusCode, body } = await request(`${registry}/v2/${repository}/referrers/${subject}`, {
    headers: { ...(authorization && { authorization }) },
  });
  expect(statusCode).toBe(200);
  return (await body.json()) as ReferrersIndex;
}

async function underTag(address: RepositoryAddress, subject: Digest): Promise<ReferrersIndex> {
  const found = await readManifest(address, referrersTag(subject));
  if (found === undefined) throw new Error(`Nothing under the fallback tag of ${subject}`);
  return JSON.parse(found.bytes.toString());
}

function bySubject(pairs: Pairs): Map<Digest, ImageFixture[]> {
  const grouped = new Map<Digest, ImageFixture[]>();
  for (const [subject, referrer] of pairs) {
    grouped.set(rootDigest(subject), [...(grouped.get(rootDigest(subject)) ?? []), referrer]);
  }
  return grouped;
}
