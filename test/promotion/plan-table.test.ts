import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { image, index } from "./memory-image.ts";
import { twoSources, type World, world } from "./world.ts";

const app = "prod.test/app:1";

function unreachable(): never {
  throw new PromoterError("Network", "Cannot reach dev.test: connection refused", { temporary: true });
}

/** Puts the same image at both sides; the destination's under the given tag. */
function atBoth({ dev, prod }: World, tag?: string) {
  image(dev.repository("app"), { layers: ["a", "b"], tag: "1" });
  return image(prod.repository("app"), { layers: ["a", "b"], ...(tag && { tag }) });
}

describe("the plan's table", () => {
  it("is up to date when the tag stands for the wanted digest, in two requests", async () => {
    const w = world();
    atBoth(w, "1");
    expect(await w.promoteOne(app)).toMatchObject({ status: "up-to-date", bytesCopied: 0 });
    expect([...w.dev.calls, ...w.prod.calls].map(({ verb }) => verb)).toEqual(["fetchManifest", "resolve"]);
  });

  it("never asks the source for a reference with a digest that is there", async () => {
    const w = world();
    const { descriptor } = atBoth(w, "1");
    for (const name of [`${app}@${descriptor.digest}`, `prod.test/app@${descriptor.digest}`]) {
      expect(await w.promoteOne(name)).toMatchObject({ status: "up-to-date", digest: descriptor.digest });
    }
    expect(w.dev.calls).toEqual([]);
    expect(w.prod.calls).toHaveLength(2);
  });

  it("retags what is there under another name, and sends no blob", async () => {
    const w = world();
    const { descriptor } = atBoth(w, "other");
    expect(await w.promoteOne(app)).toMatchObject({ status: "retagged", digest: descriptor.digest });
    expect(w.prod.repository("app").tags.get("1")).toBe(descriptor.digest);
    expect(w.prod.count("pushBlob") + w.prod.count("hasBlob")).toBe(0);
  });

  it("retags a digest from the destination itself when the source is gone", async () => {
    const w = world();
    const { descriptor } = image(w.prod.repository("app"), { layers: ["a"], tag: "other" });
    expect(await w.promoteOne(`${app}@${descriptor.digest}`)).toMatchObject({ status: "retagged" });
    expect(w.prod.repository("app").tags.get("1")).toBe(descriptor.digest);
  });

  it("copies what is not there", async () => {
    const w = world();
    const { descriptor } = image(w.dev.repository("app"), { layers: ["a", "b"], tag: "1" });
    const report = await w.promoteOne(app);
    expect(report).toMatchObject({ status: "copied", digest: descriptor.digest, source: "dev.test/app:1" });
    expect(w.prod.repository("app").tags.get("1")).toBe(descriptor.digest);
    expect(report.bytesCopied).toBeGreaterThan(2);
  });

  it("moves a mutable tag and reports what it stood for", async () => {
    const w = world();
    const before = image(w.prod.repository("app"), { layers: ["old"], tag: "1" });
    const { descriptor } = image(w.dev.repository("app"), { layers: ["new"], tag: "1" });
    expect(await w.promoteOne(app)).toMatchObject({
      status: "copied",
      previousDigest: before.descriptor.digest,
    });
    expect(w.prod.repository("app").tags.get("1")).toBe(descriptor.digest);
  });

  it.each([
    { why: "an immutable tag", options: { immutableTags: true }, changes: {}, code: "TagImmutable" },
    {
      why: "overwrite=never",
      options: {},
      changes: { overwrite: "never" as const },
      code: "OverwriteRefused",
    },
  ])("sends nothing when $why stands for another digest", async ({ options, changes, code }) => {
    const w = world(options);
    const before = image(w.prod.repository("app"), { layers: ["old"], tag: "1" });
    const other = image(w.dev.repository("app"), { layers: ["new"], tag: "1" });
    const report = await w.promoteOne(app, changes);
    expect(report).toMatchObject({ status: "failed", error: { code, temporary: false } });
    expect(report.error?.message).toContain(before.descriptor.digest);
    expect(report.error?.hint).toBeTruthy();
    expect(w.prod.count("pushBlob") + w.prod.count("pushManifest")).toBe(0);
    expect(w.prod.repository("app").tags.get("1")).toBe(before.descriptor.digest);
    expect(await w.promoteOne(`${app}@${other.descriptor.digest}`, changes)).toMatchObject({
      error: { code },
    });
  });

  it.each([
    { why: "has it no more", fault: undefined },
    { why: "cannot be reached", fault: unreachable },
  ])("keeps what is there when the source $why", async ({ fault }) => {
    const w = world();
    const { descriptor } = image(w.prod.repository("app"), { layers: ["a"], tag: "1" });
    w.dev.fault = fault;
    const report = await w.promoteOne(app);
    expect(report).toMatchObject({ status: "kept", digest: descriptor.digest });
    expect(report.warnings).toHaveLength(1);
  });

  it("names every source that was asked when nobody has it", async () => {
    const w = world({}, twoSources);
    const report = await w.promoteOne(app);
    expect(report).toMatchObject({ status: "failed", error: { code: "ManifestUnknown", temporary: false } });
    expect(report.error?.message).toContain("asked staging.test/app:1, dev.test/app:1");
  });

  it("fails with the source's error when nothing is there and the source cannot be reached", async () => {
    const w = world();
    w.dev.fault = unreachable;
    expect(await w.promoteOne(app)).toMatchObject({
      status: "failed",
      error: { code: "Network", temporary: true },
    });
  });

  it("skips what no route leads to", async () => {
    expect(await world().promoteOne("docker.io/library/nginx:1")).toMatchObject({ status: "skipped" });
  });
});

it("warns of an image that is named by its source", async () => {
  const report = await world().promoteOne("dev.test/team/app:1");
  expect(report).toMatchObject({
    status: "skipped",
    warnings: [expect.stringContaining("prod.test/team/app:1")],
  });
});

describe("several sources", () => {
  it("takes the first that has the image", async () => {
    const w = world({}, twoSources);
    image(w.dev.repository("app"), { layers: ["dev"], tag: "1" });
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied", source: "dev.test/app:1" });
    image(w.staging.repository("app"), { layers: ["staging"], tag: "1" });
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied", source: "staging.test/app:1" });
  });

  it("does not fall back to a later source's tag when an earlier one cannot be asked", async () => {
    const w = world({}, twoSources);
    image(w.dev.repository("app"), { layers: ["dev"], tag: "1" });
    w.staging.fault = unreachable;
    expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code: "Network" } });
  });

  it("falls back for a digest, which is the same everywhere", async () => {
    const w = world({}, twoSources);
    const { descriptor } = image(w.dev.repository("app"), { layers: ["dev"], tag: "1" });
    w.staging.fault = unreachable;
    expect(await w.promoteOne(`${app}@${descriptor.digest}`)).toMatchObject({ status: "copied" });
  });
});

it("reports platforms without attestations", async () => {
  const w = world();
  const repository = w.dev.repository("app");
  const members = ["amd64", "arm64"].map((architecture) =>
    image(repository, { layers: [architecture], architecture }),
  );
  index(repository, members, "1");
  expect(await w.promoteOne(app)).toMatchObject({ platforms: ["linux/amd64", "linux/arm64"] });
});
