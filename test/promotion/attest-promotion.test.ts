import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import type { Digest } from "../../job/oci/digest.ts";
import type { Attestable, Attestor } from "../../job/promotion/attestor.ts";
import { image } from "./memory-image.ts";
import { type World, world } from "./world.ts";

const statement: Digest = `sha256:${"5".repeat(64)}`;

/** Attests, as long as `answer` lets it, and remembers what, and what of it was there at that moment. */
function attestor(w: World, answer: (count: number) => unknown = () => undefined) {
  const asked: Attestable[] = [];
  const there: { readonly root: boolean; readonly tag: boolean }[] = [];
  const self: Attestor = {
    async attest(promotion, { ask }) {
      asked.push(promotion);
      const app = w.prod.repository("app");
      there.push({ root: app.manifests.has(promotion.root.digest), tag: app.tags.has("1") });
      const error = answer(asked.length);
      if (error !== undefined) throw error;
      return ask(async () => statement);
    },
  };
  return { self, asked, there };
}

describe("a promotion that is attested", () => {
  it("is so when its content is there, and before its tag is", async () => {
    const w = world();
    const { descriptor } = image(w.dev.repository("app"), { layers: ["one"], tag: "1" });
    const { self, asked, there } = attestor(w);
    expect(await w.promoteOne("prod.test/app:1", { attestor: self })).toMatchObject({
      status: "copied",
      attestation: statement,
    });
    expect(asked).toMatchObject([
      {
        root: { digest: descriptor.digest },
        claim: {
          destination: { host: "prod.test", repository: "app", tag: "1" },
          source: { host: "dev.test", repository: "app", tag: "1" },
          gates: [],
        },
      },
    ]);
    expect(there).toEqual([{ root: true, tag: false }]);
  });

  it("by its digest alone is so before its root is there", async () => {
    const w = world();
    const { descriptor } = image(w.dev.repository("app"), { layers: ["one"] });
    const { self, there } = attestor(w);
    const name = `prod.test/app@${descriptor.digest}`;
    expect(await w.promoteOne(name, { attestor: self })).toMatchObject({ attestation: statement });
    expect(there).toEqual([{ root: false, tag: false }]);
  });

  it.each(["ManifestUnknown", "ManifestInvalid", "Unsupported"] as const)(
    "is so afterwards where the destination answers %s to what is attached to something missing",
    async (code) => {
      const w = world();
      const { descriptor } = image(w.dev.repository("app"), { layers: ["one"] });
      const { self, there } = attestor(w, (count) =>
        count === 1 ? new PromoterError(code, "no") : undefined,
      );
      const name = `prod.test/app@${descriptor.digest}`;
      expect(await w.promoteOne(name, { attestor: self })).toMatchObject({ attestation: statement });
      expect(there.map(({ root }) => root)).toEqual([false, true]);
    },
  );

  it("knows what the gates said, and what the tag stood for", async () => {
    const w = world();
    const old = image(w.prod.repository("app"), { layers: ["old"], tag: "1" });
    image(w.dev.repository("app"), { layers: ["one"], tag: "1" });
    const { self, asked } = attestor(w);
    const gate = { check: async () => ({ gate: "scan", detail: "clean", findings: [] }) as const };
    await w.promoteOne("prod.test/app:1", { attestor: self, gates: [gate] });
    expect(asked[0]?.claim).toMatchObject({
      previousDigest: old.descriptor.digest,
      gates: [{ gate: "scan", passed: true, detail: "clean" }],
    });
  });

  it("is so also when it only puts a tag, and not when there is nothing to do", async () => {
    const w = world();
    image(w.dev.repository("app"), { layers: ["one"], tag: "1" });
    image(w.prod.repository("app"), { layers: ["one"], tag: "0" });
    const { self, asked } = attestor(w);
    expect(await w.promoteOne("prod.test/app:1", { attestor: self })).toMatchObject({ status: "retagged" });
    expect(await w.promoteOne("prod.test/app:1", { attestor: self })).toMatchObject({ status: "up-to-date" });
    expect(asked).toHaveLength(1);
  });
});

describe("a statement that fails", () => {
  it.each([
    [new PromoterError("Unavailable", "503", { temporary: true, status: 503, request: "PUT x" }), true],
    [new PromoterError("Denied", "no", { hint: "Allow it" }), false],
    [new Error("boom"), false],
  ])("with %s fails the image, whose tag stays", async (thrown, temporary) => {
    const w = world();
    image(w.dev.repository("app"), { layers: ["one"], tag: "1" });
    const report = await w.promoteOne("prod.test/app:1", { attestor: attestor(w, () => thrown).self });
    expect(report).toMatchObject({
      status: "failed",
      error: { code: "AttestationFailed", temporary, message: expect.stringContaining(thrown.message) },
    });
    if (thrown instanceof PromoterError) expect(report.error?.hint).toBe(thrown.hint);
    expect(w.prod.repository("app").tags.has("1")).toBe(false);
  });

  it("because the run was stopped says so", async () => {
    const w = world();
    image(w.dev.repository("app"), { layers: ["one"], tag: "1" });
    const stop = new AbortController();
    const { self } = attestor(w, () => {
      stop.abort(new PromoterError("Timeout", "late", { temporary: true }));
      return new Error("cut");
    });
    expect(await w.promoteOne("prod.test/app:1", { attestor: self, signal: stop.signal })).toMatchObject({
      status: "failed",
      error: { code: "Timeout" },
    });
  });
});
