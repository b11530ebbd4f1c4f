import { describe, expect, it } from "vitest";
import { parseReference } from "../../job/oci/reference.ts";
import { planPromotion } from "../../job/promotion/plan.ts";
import { wantedImages } from "../../job/promotion/wanted.ts";
import { image, index } from "./memory-image.ts";
import { routes, type World, world } from "./world.ts";

function plan(
  w: World,
  names: readonly string[],
  options: Partial<Parameters<typeof planPromotion>[1]> = {},
) {
  const wishes = names.map((name) => ({ reference: parseReference(name) }));
  return planPromotion(
    wantedImages(wishes, routes, { strict: false }),
    { createRepositories: false, ...options },
    w.context(),
  );
}

function writes(w: World): number {
  return ["pushBlob", "pushManifest", "linkReferrers"].reduce((total, verb) => total + w.prod.count(verb), 0);
}

describe("a plan", () => {
  it("says the bytes, manifests and requests that the promotion then takes, and writes nothing", async () => {
    const w = world();
    const repository = w.dev.repository("app");
    index(
      repository,
      [image(repository, { layers: ["one", "base"] }), image(repository, { layers: ["two", "base"] })],
      "1",
    );
    image(w.dev.repository("other"), { layers: ["base", "three"], tag: "1" });
    const names = ["prod.test/app:1", "prod.test/other:1"];
    const planned = await plan(w, names, { leastMs: (_, manifests) => manifests * 100 });
    expect(writes(w)).toBe(0);
    expect(planned).toMatchObject({ kind: "PromotionPlan", summary: { copied: 2 } });
    expect(planned.estimate).toMatchObject({ manifestWrites: 4, leastMs: 400 });

    w.dev.calls.length = 0;
    w.prod.calls.length = 0;
    const done = await w.promote(names);
    expect(done.summary.bytesMounted).toBe(planned.summary.bytesMounted);
    expect(done.summary.bytesCopied).toBe(planned.summary.bytesCopied);
    expect(w.prod.count("pushManifest")).toBe(planned.estimate?.manifestWrites);
  });

  it("counts nothing twice that is there already", async () => {
    const w = world();
    image(w.dev.repository("app"), { layers: ["there", "missing"], tag: "1" });
    image(w.prod.repository("app"), { layers: ["there"], tag: "0" });
    const { images } = await plan(w, ["prod.test/app:1"]);
    const done = await w.promoteOne("prod.test/app:1");
    expect(images[0]?.bytesCopied).toBe(done.bytesCopied);
  });

  it("fails an image whose repository is missing, unless repositories are to be made", async () => {
    const w = world({ repositoriesMustExist: true });
    image(w.dev.repository("app"), { layers: ["x"], tag: "1" });
    expect((await plan(w, ["prod.test/app:1"])).images).toMatchObject([
      { status: "failed", error: { code: "NameUnknown" } },
    ]);
    const made = await plan(w, ["prod.test/app:1"], { createRepositories: true });
    expect(made.images).toMatchObject([{ status: "copied" }]);
  });

  it("carries the warnings of an inspection", async () => {
    const w = world();
    image(w.dev.repository("app"), { layers: ["x"], tag: "1" });
    const { images } = await plan(w, ["prod.test/app:1"], {
      inspect: async () => ["it will expire tomorrow"],
    });
    expect(images[0]?.warnings).toEqual(["it will expire tomorrow"]);
  });
});

it("asks about mounting once for each registry, by the first image of which something is mounted", async () => {
  const w = world();
  const names = ["one", "two", "three"].map((name) => {
    image(w.dev.repository(name), { layers: ["base", name], tag: "1" });
    return `prod.test/${name}:1`;
  });
  image(w.dev.repository("alone"), { layers: ["own"], tag: "1" });
  const asked: string[] = [];
  await plan(w, ["prod.test/alone:1", ...names], {
    inspect: async ({ report }, { mounts }) => {
      if (mounts) asked.push(report.destination);
      return [];
    },
  });
  expect(asked).toEqual(["prod.test/two:1"]);
});

describe("wishes", () => {
  const wish = (name: string) => ({ reference: parseReference(name), origin: "file:1" });
  const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

  it("for one tag with and without digest are one image, whose digest decides", () => {
    const wishes = [wish("prod.test/app:1"), wish(`prod.test/app:1@${digest("a")}`)];
    for (const order of [wishes, wishes.toReversed()]) {
      expect(wantedImages(order, routes, { strict: false })).toMatchObject([
        { destination: { digest: digest("a") } },
      ]);
    }
  });

  it("for one tag at two digests are refused", () => {
    const wishes = [wish(`prod.test/app:1@${digest("a")}`), wish(`prod.test/app:1@${digest("b")}`)];
    expect(() => wantedImages(wishes, routes, { strict: false })).toThrow(
      expect.objectContaining({ code: "InvalidInput" }),
    );
  });

  it("without a route are refused under strict, all in one message", () => {
    const wishes = [wish("elsewhere.test/a:1"), wish("prod.test/b:1"), wish("elsewhere.test/c:1")];
    expect(() => wantedImages(wishes, routes, { strict: true })).toThrow(
      /elsewhere\.test\/a:1 \(file:1\), elsewhere\.test\/c:1/,
    );
  });
});
