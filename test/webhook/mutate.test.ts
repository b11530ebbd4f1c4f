import { describe, expect, it } from "vitest";
import { admissionWorld, dev, digest, prod } from "./admission-world.ts";
import { pod } from "./review.ts";

const app = `${prod}/app:1`;
const source = `${dev}/app:1`;
const replace = (value: string, index = 0) => ({
  op: "replace",
  path: `/spec/containers/${index}/image`,
  value,
});

describe("the policy wait", () => {
  it("admits a pod as it is once its image is there", async () => {
    const { admit, calls } = admissionWorld();
    const decision = await admit({ object: pod([app, "docker.io/library/nginx:1"]) });
    expect(decision).toMatchObject({ allowed: true, patch: [], warnings: [], outcomes: ["promoted"] });
    expect(calls.ensured).toEqual([app]);
  });

  it("admits with a warning, or refuses for now, what takes too long, and goes on with it", async () => {
    const allow = admissionWorld({ [app]: "never" });
    expect(await allow.admit({ object: pod([app]) })).toMatchObject({
      allowed: true,
      outcomes: ["under-way"],
      warnings: [`image-promoter: ${app} is still being promoted; it can be pulled when that is done`],
    });
    const deny = admissionWorld({ [app]: "never" }, { onFailure: "deny" });
    expect(await deny.admit({ object: pod([app]) })).toMatchObject({
      allowed: false,
      temporary: true,
      message: `image-promoter: ${app} is still being promoted; try again in a while`,
    });
    expect([allow, deny].map(({ calls }) => calls.background)).toEqual([[app], [app]]);
  });

  it("says why an image is missing, as a warning or as the reason to refuse", async () => {
    const allow = admissionWorld({ [app]: "unknown" });
    expect(await allow.admit({ object: pod([app]) })).toMatchObject({
      allowed: true,
      outcomes: ["missing"],
      warnings: [`image-promoter: ${app}: Nobody has it`],
    });
    expect(allow.calls.background).toEqual([]);
    const deny = admissionWorld({ [app]: "unknown" }, { onFailure: "deny" });
    expect(await deny.admit({ object: pod([app]) })).toMatchObject({
      allowed: false,
      temporary: false,
      message: `image-promoter: ${app}: Nobody has it. Wait`,
    });
  });

  it("tries later what may pass", async () => {
    const { admit, calls } = admissionWorld({ [app]: "unreachable" });
    expect(await admit({ object: pod([app]) })).toMatchObject({ allowed: true, outcomes: ["missing"] });
    expect(calls.background).toEqual([app]);
  });

  it("refuses for all images together", async () => {
    const other = `${prod}/other:1`;
    const { admit } = admissionWorld({ [app]: "unknown", [other]: "unreachable" }, { onFailure: "deny" });
    expect(await admit({ object: pod([app, other]) })).toMatchObject({
      temporary: false,
      message: `image-promoter: ${app}: Nobody has it. Wait; ${other}: Nobody answers. Wait`,
    });
  });

  it("leaves alone what is named by its source, and says so", async () => {
    const { admit, calls } = admissionWorld();
    expect(await admit({ object: pod([source]) })).toMatchObject({
      allowed: true,
      patch: [],
      warnings: [`image-promoter: ${source} is named by its source; what runs here should be ${app}`],
    });
    expect(calls.ensured).toEqual([]);
  });
});

describe("the policy background", () => {
  const rules = { policy: "background", onFailure: "deny" } as const;

  it("admits at once, whatever becomes of the image", async () => {
    const { admit, calls } = admissionWorld({ [app]: "never" }, rules);
    expect(await admit({ object: pod([app]) })).toMatchObject({ allowed: true, outcomes: ["under-way"] });
    expect(calls).toEqual({ ensured: [], looked: [], background: [app] });
  });

  it("does nothing about what is known to be there", async () => {
    const { admit, calls } = admissionWorld({ [app]: "present" }, rules);
    expect(await admit({ object: pod([app]) })).toMatchObject({ allowed: true, outcomes: ["present"] });
    expect(calls.background).toEqual([]);
  });

  it("says when too much waits already", async () => {
    const world = admissionWorld({}, rules);
    world.background.isFull = true;
    expect(await world.admit({ object: pod([app]) })).toMatchObject({ allowed: true, outcomes: ["missing"] });
  });
});

describe("the policy rewrite", () => {
  const rules = { policy: "rewrite" } as const;

  it("names an image by where it was promoted to, and pins it where that is wanted", async () => {
    const plain = admissionWorld({}, rules);
    expect(await plain.admit({ object: pod([source]) })).toMatchObject({ patch: [replace(app)] });
    const pinned = admissionWorld({}, { ...rules, pin: true });
    expect(await pinned.admit({ object: pod(["nginx", source, app]) })).toMatchObject({
      patch: [replace(`${app}@${digest}`, 1), replace(`${app}@${digest}`, 2)],
    });
  });

  it("finds nothing to do in what it has rewritten", async () => {
    const world = admissionWorld({}, { ...rules, pin: true });
    const object = pod([source, app]);
    const { patch = [] } = await world.admit({ object });
    const images = patch.map(({ value }) => value);
    expect(images).toHaveLength(2);
    expect(await world.admit({ object: pod(images) })).toMatchObject({ allowed: true, patch: [] });
  });

  it("keeps a digest that is written, and does not pin without being told", async () => {
    const world = admissionWorld({}, { ...rules, pin: true });
    const { patch } = await world.admit({ object: pod([`${source}@sha256:${"b".repeat(64)}`]) });
    expect(patch).toEqual([replace(`${app}@sha256:${"b".repeat(64)}`)]);
    const plain = admissionWorld({}, rules);
    expect(await plain.admit({ object: pod([app]) })).toMatchObject({ patch: [] });
  });

  it("renames what is still on its way, for its pull is tried again, and leaves what cannot come", async () => {
    const late = admissionWorld({ [app]: "never" }, { ...rules, pin: true });
    expect(await late.admit({ object: pod([source]) })).toMatchObject({ patch: [replace(app)] });
    const missing = admissionWorld({ [app]: "unknown" }, rules);
    expect(await missing.admit({ object: pod([source]) })).toMatchObject({ allowed: true, patch: [] });
  });

  it("promotes for the objects around pods, and leaves them as they are written in git", async () => {
    const { admit, calls } = admissionWorld({}, rules);
    const { metadata, spec } = pod([source]);
    const object = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { template: { metadata, spec } },
    };
    const kind = { group: "apps", version: "v1", kind: "Deployment" };
    expect(await admit({ object, kind })).toMatchObject({ allowed: true, patch: [], outcomes: ["promoted"] });
    expect(calls.ensured).toEqual([app]);
  });

  it("reaches init containers, ephemeral containers and image volumes", async () => {
    const { admit } = admissionWorld({}, rules);
    const object = {
      metadata: {},
      spec: {
        initContainers: [{ name: "i", image: source }],
        ephemeralContainers: [{ name: "e", image: source }],
        volumes: [{ name: "v", image: { reference: source } }],
      },
    };
    const { patch = [] } = await admit({ object });
    expect(patch.map(({ path }) => path)).toEqual([
      "/spec/initContainers/0/image",
      "/spec/ephemeralContainers/0/image",
      "/spec/volumes/0/image/reference",
    ]);
  });
});

describe("the policy verify-only", () => {
  it("refuses what was not promoted, and promotes nothing", async () => {
    const { admit, calls } = admissionWorld({}, { policy: "verify-only" });
    expect(await admit({ object: pod([app]) })).toMatchObject({ allowed: false, outcomes: ["refused"] });
    expect(calls).toEqual({ ensured: [], looked: [app], background: [] });
  });
});

it("the policy off leaves everything alone", async () => {
  const { admit, calls } = admissionWorld({}, { policy: "off", onFailure: "deny" });
  expect(await admit({ object: pod([app, source]) })).toMatchObject({ allowed: true, patch: [] });
  expect(calls).toEqual({ ensured: [], looked: [], background: [] });
});

describe("a dry run", () => {
  it.each(["wait", "background", "rewrite"] as const)(
    "has no effect under %s, and says what would be",
    async (policy) => {
      const { admit, calls } = admissionWorld({}, { policy, onFailure: "deny" });
      const decision = await admit({ object: pod([app]), dryRun: true });
      expect(decision).toMatchObject({ allowed: true, outcomes: ["would-promote"] });
      expect(calls.ensured).toEqual([]);
      expect(calls.background).toEqual([]);
    },
  );

  it("shows the names that a pod would get, and the digests that are known", async () => {
    const rules = { policy: "rewrite", pin: true } as const;
    const missing = admissionWorld({}, rules);
    expect(await missing.admit({ object: pod([source]), dryRun: true })).toMatchObject({
      patch: [replace(app)],
      warnings: [`image-promoter: ${app} is missing, and would be promoted`],
    });
    const there = admissionWorld({ [app]: "present" }, rules);
    expect(await there.admit({ object: pod([source]), dryRun: true })).toMatchObject({
      patch: [replace(`${app}@${digest}`)],
    });
  });

  it("leaves nothing behind where nobody answers", async () => {
    const { admit, calls } = admissionWorld({ [app]: "unreachable" });
    await admit({ object: pod([app]), dryRun: true });
    const slow = admissionWorld({ [app]: "never" });
    expect(await slow.admit({ object: pod([app]), dryRun: true })).toMatchObject({ allowed: true });
    expect([...calls.background, ...slow.calls.background]).toEqual([]);
  });
});
