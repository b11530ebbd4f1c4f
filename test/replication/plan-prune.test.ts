import { describe, expect, it } from "vitest";
import { Semaphore } from "../../job/async/semaphore.ts";
import { PromoterError } from "../../job/error.ts";
import type { ContentWriter } from "../../job/oci/content.ts";
import { type Digest, digestOf } from "../../job/oci/digest.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { PromotionContext } from "../../job/promotion/context.ts";
import type { HeldImage } from "../../job/replication/catalog.ts";
import type { RuledRepository } from "../../job/replication/find-images.ts";
import { planPrune } from "../../job/replication/plan-prune.ts";
import { agreedOnly, checkPruneLimits, removePlanned } from "../../job/replication/prune.ts";
import type { ReplicationRule, TagRule } from "../../job/replication/rule.ts";
import { versionRange } from "../../job/replication/version.ts";
import { image, index, rootDigest } from "../fixtures/image-fixture.ts";

const destination = { host: "prod.example", repository: "apps/web" };
const fixture = image();
const unavailable = new PromoterError("Unavailable", "The registry is away", { temporary: true });

function held(tag: string): HeldImage {
  return {
    digest: digestOf(Buffer.from(tag)),
    tags: [tag],
    mediaType: mediaTypes.ociManifest,
    archived: false,
  };
}

function ruled(tags: TagRule, wanted: readonly string[] = [], error?: PromoterError): RuledRepository {
  const rule: ReplicationRule = { name: "one", repositories: ["*"], exclude: [], tags };
  const images = wanted.map((tag) => ({
    wanted: { destination: { ...destination, tag }, sources: [] },
    rule,
    standing: "same" as const,
  }));
  return { destination, name: "web", sources: [], rules: [rule], images, ...(error && { error }) };
}

function context(fetchManifest: (digest: Digest) => Promise<Manifest | undefined>): PromotionContext {
  const writer = { ...destination, fetchManifest } as unknown as ContentWriter;
  return {
    repositories: { source: () => writer, destination: () => writer },
    clock: { now: () => 0, wait: async () => {} } as unknown as PromotionContext["clock"],
    limit: new Semaphore(2),
    overwrite: "mutable",
    referrers: "all",
  };
}

const readable = context(async () => fixture.manifests[0]);

function plan(repository: RuledRepository, tags: readonly string[], how = readable, keep: object[] = []) {
  const catalog = { images: async () => tags.map(held) };
  return planPrune([repository], { catalog, keep, used: [], contents: new Map() }, how);
}

async function going(repository: RuledRepository, tags: readonly string[], keep: object[] = []) {
  const plans = await plan(repository, tags, readable, keep);
  return plans.flatMap(({ waves }) => waves.flat().flatMap((judged) => judged.tags)).sort();
}

const stable = versionRange(">=2", { prerelease: false });

describe("planning what goes", () => {
  it.each<[string, TagRule, readonly string[], readonly object[], readonly string[]]>([
    ["versions that left the range", { versions: stable }, ["2.0.0"], [], ["1.0.0"]],
    ["only what patterns are about", { include: ["v*"] }, [], [], ["v1"]],
    ["nothing that is kept", { versions: stable }, ["2.0.0"], [{ tags: ["1.*"] }], []],
    ["nothing of a repository that is kept", {}, [], [{ repositories: ["web"] }], []],
    [
      "what a rule for other repositories keeps",
      { include: ["v*"] },
      [],
      [{ repositories: ["api"], tags: ["*"] }],
      ["v1"],
    ],
  ])("takes %s", async (_what, tags, wanted, keep, expected) => {
    const there = ["1.0.0", "2.0.0", "3.0.0-rc.1", "v1", "latest"];
    expect(await going(ruled(tags, wanted), there, [...keep])).toEqual(expected);
  });

  it.each<[string, () => Promise<Manifest | undefined>]>([
    ["cannot be read", async () => Promise.reject(unavailable)],
    ["has vanished", async () => undefined],
  ])("fails where a manifest %s", async (_what, fetchManifest) => {
    await expect(plan(ruled({}), ["old"], context(fetchManifest))).rejects.toMatchObject({ temporary: true });
  });

  it("fails where it is not known what rules want", async () => {
    await expect(plan(ruled({}, [], unavailable), ["old"])).rejects.toBe(unavailable);
  });

  it("takes nothing of a repository whose images may come by a way that was not asked", async () => {
    const [listed] = await plan({ ...ruled({}), hasOtherWays: true }, ["old"]);
    expect(listed?.waves).toEqual([]);
  });

  it("reads indexes that no list names: what is used by its digest, and what lies inside another", async () => {
    const [m, n, o] = [image({ seed: 1 }), image({ seed: 2 }), image({ seed: 3 })];
    const [used, inner] = [index([m]), index([n])];
    const outer = index([inner]);
    const manifests = new Map(
      [m, n, o, used, inner, outer].flatMap((made) =>
        made.manifests.map((manifest) => [manifest.descriptor.digest, manifest] as const),
      ),
    );
    const reading = context(async (digest) => manifests.get(digest));
    const listed = (made: typeof m, tag: string, mediaType: string = mediaTypes.ociManifest): HeldImage => ({
      ...held(tag),
      digest: rootDigest(made),
      mediaType,
    });
    const images = [
      listed(m, "m"),
      listed(n, "n"),
      listed(o, "o"),
      listed(outer, "outer", mediaTypes.ociIndex),
    ];
    const usedImages = [rootDigest(used), digestOf(Buffer.from("gone"))].map((digest) => ({
      reference: { ...destination, digest },
      user: "Pod shop/web",
    }));
    const [plan] = await planPrune(
      [ruled({}, ["outer"])],
      { catalog: { images: async () => images }, keep: [], used: usedImages, contents: new Map() },
      reading,
    );
    expect(plan?.waves.flat().flatMap(({ tags }) => tags)).toEqual(["o"]);
  });

  it("holds to the limits", async () => {
    const plans = await plan(ruled({}, ["a", "b"]), ["a", "b", "c", "d"]);
    const check = (mostImages: number, mostPercent: number) => () =>
      checkPruneLimits(plans, { mostImages, mostPercent });
    expect(check(2, 50)).not.toThrow();
    expect(check(1, 100)).toThrow("more than 1");
    expect(check(9, 49)).toThrow("50 percent");
  });
});

describe("removing", () => {
  it("leaves a repository alone in which more would go than was agreed to", async () => {
    const agreed = await plan(ruled({}, ["a"]), ["a", "b"]);
    const less = await plan(ruled({}, ["a"]), ["a"]);
    const more = await plan(ruled({}, ["a"]), ["a", "b", "c"]);
    const count = (plans: typeof agreed) =>
      agreedOnly(plans, agreed).flatMap(({ waves }) => waves.flat()).length;
    expect([agreed, less, more].map(count)).toEqual([1, 0, 0]);
  });

  it("stops in a repository where the registry keeps something", async () => {
    const [only] = await plan(ruled({}), ["a"]);
    if (only === undefined) throw new Error("no plan");
    const [a, b, c] = ["a", "b", "c"].map((tag) => ({ ...held(tag), reason: "unwanted" }));
    if (!(a && b && c)) throw new Error("no images");
    const asked: string[][] = [];
    const catalog = {
      async remove(_name: object, digests: readonly string[]) {
        asked.push([...digests]);
        return [{ digest: b.digest, reason: "ImageReferencedByManifestList" }];
      },
    };
    const reports = await removePlanned([{ ...only, waves: [[a, b], [c]] }], catalog, readable);
    expect(reports.map(({ status, tags }) => `${status} ${tags}`)).toEqual(["removed a", "failed b"]);
    expect(asked).toEqual([[a.digest, b.digest]]);
  });

  it("says what went before it was stopped", async () => {
    const stop = new AbortController();
    const late = new PromoterError("Timeout", "Not done", { temporary: true });
    const [only] = await plan(ruled({}), ["a"]);
    if (only === undefined) throw new Error("no plan");
    const waves = ["a", "b"].map((tag) => [{ ...held(tag), reason: "unwanted" }]);
    const catalog = {
      async remove() {
        stop.abort(late);
        return [];
      },
    };
    const plans = [
      { ...only, waves },
      { ...only, waves: [[{ ...held("c"), reason: "unwanted" }]] },
    ];
    const reports = await removePlanned(plans, catalog, { ...readable, signal: stop.signal });
    expect(reports.map(({ status, tags, error }) => [status, ...tags, error?.code])).toEqual([
      ["removed", "a", undefined],
      ["failed", "b", "Timeout"],
      ["failed", "c", "Timeout"],
    ]);
  });
});
