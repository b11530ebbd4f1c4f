import { afterEach, describe, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import { type QuirkName, quirks } from "../emulator/quirks.ts";
import type { RepositorySettings, TagMutability } from "../emulator/repository.ts";
import { referrer } from "../fixtures/attachments.ts";
import { image, index, type ManifestFixture } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import {
  type Answer,
  account,
  beginUpload,
  openRegistry,
  pushBlob,
  pushManifest,
  type Registry,
  region,
  sha256,
} from "./registry-client.ts";

let opened: Registry | undefined;
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = undefined;
});

const partBytes = 5 * 1024 * 1024;
const part = Buffer.alloc(partBytes, "p");

interface Case {
  readonly options?: EmulatorOptions;
  readonly settings?: RepositorySettings;
  /** What is asked of the registry. */
  readonly ask: (registry: Registry) => Promise<Answer>;
  /** What it answers with the departure, and without. */
  readonly on: object;
  readonly off: object;
}

function rootOf({ manifests }: { manifests: readonly ManifestFixture[] }): ManifestFixture {
  const root = manifests.at(-1);
  if (root === undefined) throw new Error("The fixture has no manifest");
  return root;
}

/** Uploads two parts and returns the answer to the second. */
async function patchTwice(registry: Registry, first: Buffer, range?: string): Promise<Answer> {
  const location = await beginUpload(registry);
  await registry.ask("PATCH", location, { body: first });
  const headers = { "content-range": range ?? `${first.length}-${first.length + 1}` };
  return await registry.ask("PATCH", location, { headers, body: "xy" });
}

async function getPlacedBlob(registry: Registry): Promise<Answer> {
  const fixture = placeImage(registry.repository, image());
  return await registry.ask("GET", `/v2/app/blobs/${fixture.blobs[0]?.digest}`);
}

async function mount(registry: Registry): Promise<Answer> {
  const base = registry.emulator.repository(account, region, "base");
  const [, layer] = placeImage(base, image()).blobs;
  return await registry.ask("POST", `/v2/app/blobs/uploads/?mount=${layer?.digest}&from=base`);
}

/** For every departure, one request that tells whether it is on. */
const cases: Readonly<Record<QuirkName, Case>> = {
  "blob-redirect": { ask: getPlacedBlob, on: { status: 307 }, off: { status: 200 } },
  "patch-201": {
    ask: async (registry) => await registry.ask("PATCH", await beginUpload(registry), { body: "chunk" }),
    on: { status: 201 },
    off: { status: 202 },
  },
  "stale-range": {
    ask: async (registry) => await patchTwice(registry, part),
    on: { headers: { range: `0-${partBytes - 1}` } },
    off: { headers: { range: `0-${partBytes + 1}` } },
  },
  "minimum-part": {
    async ask(registry) {
      const small = Buffer.alloc(partBytes - 1);
      const { headers } = await patchTwice(registry, small);
      const digest = sha256(Buffer.concat([small, Buffer.from("xy")]));
      return await registry.ask("PUT", `${headers.location}?digest=${digest}`);
    },
    on: { status: 400, code: "BLOB_UPLOAD_INVALID", text: expect.stringContaining("at least 5242880 bytes") },
    off: { status: 201 },
  },
  "whole-parts": {
    async ask(registry) {
      const location = await beginUpload(registry);
      const broken = { do: "reset-after-request-bytes", bytes: 70_000 } as const;
      registry.emulator.faults.add({ kind: "upload-part", times: 1 }, broken);
      await registry.ask("PATCH", location, { body: part }).catch(() => undefined);
      return await registry.ask("GET", location);
    },
    on: { status: 204, headers: { range: "0-0" } },
    off: { status: 204, headers: { range: "0-69999" } },
  },
  "restart-416": {
    async ask(registry) {
      const location = await beginUpload(registry);
      await registry.ask("PATCH", location, { body: part });
      return await registry.ask("PATCH", location, { body: part });
    },
    on: {
      status: 416,
      code: "BLOB_UPLOAD_INVALID",
      text: expect.stringContaining("First byte of the layer part is 0 instead of 5242880"),
    },
    off: { status: 202, headers: { range: `0-${2 * partBytes - 1}` } },
  },
  "immutable-same-digest": {
    settings: { imageTagMutability: "IMMUTABLE" },
    async ask(registry) {
      const fixture = placeImage(registry.repository, image(), { tags: ["v1"] });
      return await pushManifest(registry, "v1", rootOf(fixture));
    },
    on: { status: 400, code: "TAG_INVALID" },
    off: { status: 201 },
  },
  "no-create-on-push": {
    ask: async (registry) => await registry.ask("POST", "/v2/missing/blobs/uploads/"),
    on: {
      status: 404,
      code: "NAME_UNKNOWN",
      text: expect.stringContaining(`'missing' does not exist in the registry with id '${account}'`),
    },
    off: { status: 202 },
  },
  "mount-rules": { ask: mount, on: { status: 202 }, off: { status: 201 } },
  "tag-grammar-400": {
    ask: async (registry) => await registry.ask("HEAD", "/v2/app/manifests/v1%2B2"),
    on: { status: 400 },
    off: { status: 404 },
  },
  "get-without-digest": {
    async ask(registry) {
      const { descriptor } = placeImage(registry.repository, image());
      const head = await registry.ask("HEAD", `/v2/app/manifests/${descriptor.digest}`);
      expect(head.headers["docker-content-digest"]).toBe(descriptor.digest);
      return await registry.ask("GET", `/v2/app/manifests/${descriptor.digest}`);
    },
    on: { headers: expect.not.objectContaining({ "docker-content-digest": expect.anything() }) },
    off: { headers: { "docker-content-digest": expect.stringMatching(/^sha256:/) } },
  },
  "converts-by-accept": {
    async ask(registry) {
      placeImage(registry.repository, image(), { tags: ["v1"] });
      const headers = { accept: mediaTypes.dockerManifest };
      return await registry.ask("GET", "/v2/app/manifests/v1", { headers });
    },
    on: { headers: { "content-type": mediaTypes.dockerManifest } },
    off: { headers: { "content-type": mediaTypes.ociManifest } },
  },
  "missing-children-refused": {
    ask: async (registry) => await pushManifest(registry, "v1", rootOf(index([image()]))),
    on: {
      status: 404,
      code: "MANIFEST_BLOB_UNKNOWN",
      text: expect.stringMatching(
        /Images with digests '\[sha256:\w+\]' required for pushing image into repository with name 'app'/,
      ),
    },
    off: { status: 201 },
  },
  "missing-blobs-refused": {
    ask: async (registry) => await pushManifest(registry, "v1", rootOf(image())),
    on: {
      status: 404,
      text: expect.stringMatching(/Layers with digests '\[sha256:\w+, sha256:\w+\]' required/),
    },
    off: { status: 201 },
  },
  "missing-blobs-code": {
    ask: async (registry) => await pushManifest(registry, "v1", rootOf(image())),
    on: { code: "BLOB_UPLOAD_UNKNOWN" },
    off: { code: "MANIFEST_BLOB_UNKNOWN" },
  },
  "oci-subject-always": {
    options: { referrersApi: false },
    async ask(registry) {
      const fixture = placeImage(registry.repository, referrer(image()));
      expect((await registry.ask("GET", `/v2/app/referrers/${sha256("")}`)).status).toBe(404);
      return await pushManifest(registry, fixture.descriptor.digest, rootOf(fixture));
    },
    on: { headers: { "oci-subject": image().descriptor.digest } },
    off: { headers: expect.not.objectContaining({ "oci-subject": expect.anything() }) },
  },
  "page-limit": {
    ask: async (registry) => await registry.ask("GET", "/v2/app/tags/list?n=1001"),
    on: { status: 400, text: expect.stringContaining("Invalid parameter at 'maxResults'") },
    off: { status: 200 },
  },
  "opaque-page-token": {
    async ask(registry) {
      placeImage(registry.repository, image(), { tags: ["a", "b", "c"] });
      const first = await registry.ask("GET", "/v2/app/tags/list?n=2");
      const next = /^<(.+)>; rel="next"$/.exec(first.headers.link ?? "")?.[1] ?? "";
      expect(JSON.parse((await registry.ask("GET", next)).text).tags).toEqual(["c"]);
      return first;
    },
    on: { headers: { link: expect.stringMatching(/last=[^&]*%2B/) } },
    off: { headers: { link: '</v2/app/tags/list?n=2&last=b>; rel="next"' } },
  },
  "unreferenced-blob-inaccessible": {
    async ask(registry) {
      await pushBlob(registry, "no image names me");
      const path = `/v2/app/blobs/${sha256("no image names me")}`;
      expect((await registry.ask("HEAD", path)).status).toBe(200);
      return await registry.ask("GET", path);
    },
    on: { status: 404, code: "BLOB_UNKNOWN" },
    off: { status: 200 },
  },
  "archived-not-pullable": {
    async ask(registry) {
      const { descriptor } = placeImage(registry.repository, image());
      const stored = registry.repository.manifests.get(descriptor.digest);
      if (stored) stored.status = "ARCHIVED";
      return await registry.ask("GET", `/v2/app/manifests/${descriptor.digest}`);
    },
    on: { status: 404, text: expect.stringContaining("is archived") },
    off: { status: 200 },
  },
  "unknown-manifest-405": {
    async ask(registry) {
      const headers = { "content-type": "application/vnd.example.strange+json" };
      return await registry.ask("PUT", "/v2/app/manifests/v1", { headers, body: "{}" });
    },
    on: { status: 405, code: "UNSUPPORTED", text: expect.stringContaining("Invalid JSON syntax") },
    off: { status: 201 },
  },
  "layerless-image-405": {
    async ask(registry) {
      const fixture = placeImage(registry.repository, image({ layers: [] }));
      return await pushManifest(registry, "v1", rootOf(fixture));
    },
    on: { status: 405, code: "UNSUPPORTED", text: expect.stringContaining("at least 1 layer") },
    off: { status: 201 },
  },
  "no-blob-delete": {
    async ask(registry) {
      await pushBlob(registry, "to delete");
      return await registry.ask("DELETE", `/v2/app/blobs/${sha256("to delete")}`);
    },
    on: { status: 405, code: "UNSUPPORTED" },
    off: { status: 202 },
  },
};

describe("departures from the specification", () => {
  const names = Object.keys(quirks) as QuirkName[];

  it.each(names)("%s", async (name) => {
    const { ask, on, off, options, settings } = cases[name];
    opened = await openRegistry({ mode: "ecr", ...options }, settings);
    expect(await ask(opened), "in mode ecr").toMatchObject(on);
    await opened[Symbol.asyncDispose]();
    opened = await openRegistry({ mode: "strict", ...options, quirks: { [name]: false } }, settings);
    expect(await ask(opened), "without it").toMatchObject(off);
  });

  it("can be had one by one in mode strict", async () => {
    opened = await openRegistry({ mode: "strict", quirks: { "patch-201": true } });
    expect(await cases["patch-201"].ask(opened)).toMatchObject(cases["patch-201"].on);
    expect(await cases["blob-redirect"].ask(opened)).toMatchObject(cases["blob-redirect"].off);
  });

  it("name their source", () => {
    for (const row of Object.values(quirks)) expect(row.source).toMatch(/#\d+|ECR/);
  });
});

describe("tag mutability", () => {
  it.each<[TagMutability, string[], string, number]>([
    ["MUTABLE", [], "v1", 201],
    ["IMMUTABLE", [], "v1", 400],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest", "sha256-*"], "v1", 400],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest", "sha256-*"], "latest", 201],
    ["IMMUTABLE_WITH_EXCLUSION", ["latest", "sha256-*"], "sha256-0123", 201],
    ["IMMUTABLE_WITH_EXCLUSION", ["a.c"], "abc", 400],
    ["MUTABLE_WITH_EXCLUSION", ["v*"], "v1", 400],
    ["MUTABLE_WITH_EXCLUSION", ["v*"], "latest", 201],
  ])("%s with %j: moving %s answers %i", async (imageTagMutability, filters, tag, status) => {
    const imageTagMutabilityExclusionFilters = filters.map((filter) => ({
      filterType: "WILDCARD" as const,
      filter,
    }));
    opened = await openRegistry({}, { imageTagMutability, imageTagMutabilityExclusionFilters });
    placeImage(opened.repository, image({ seed: 1 }), { tags: [tag] });
    const other = placeImage(opened.repository, image({ seed: 2 }));
    const answer = await pushManifest(opened, tag, rootOf(other));
    expect(answer.status).toBe(status);
    if (status === 400) {
      expect(answer.text).toContain(
        `The image tag '${tag}' already exists in the 'app' repository and cannot be overwritten`,
      );
    }
  });
});

describe("mounting", () => {
  const kms = (key: string) => ({ encryption: { encryptionType: "KMS", kmsKey: key } as const });

  it.each<[string, RepositorySettings, RepositorySettings, boolean, number]>([
    ["works with the setting and the same encryption", {}, {}, true, 201],
    ["works under the same key", kms("one"), kms("one"), true, 201],
    ["needs the same key", kms("one"), kms("two"), true, 202],
    ["needs the same kind of encryption", {}, kms("one"), true, 202],
    ["needs a manifest that names the blob", {}, {}, false, 202],
  ])("%s", async (_, ours, theirs, named, status) => {
    opened = await openRegistry({}, ours);
    opened.emulator.account(account).setBlobMounting(region, "ENABLED");
    const base = opened.emulator.repository(account, region, "base", theirs);
    const fixture = placeImage(base, image());
    if (!named) base.manifests.clear();
    const path = `/v2/app/blobs/uploads/?mount=${fixture.blobs[1]?.digest}&from=base`;
    expect((await opened.ask("POST", path)).status).toBe(status);
  });

  it("needs the right to download from the other repository", async () => {
    opened = await openRegistry();
    const { emulator } = opened;
    emulator.account(account).setBlobMounting(region, "ENABLED");
    const base = emulator.repository(account, region, "base");
    const { blobs } = placeImage(base, image());
    const pusher = emulator.account(account).createUser("pusher", [
      {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: opened.repository.arn }],
      },
    ]);
    const headers = { authorization: `Basic ${pusher.mintToken().authorizationToken}` };
    const path = `/v2/app/blobs/uploads/?mount=${blobs[1]?.digest}&from=base`;
    expect((await opened.ask("POST", path, { headers })).status).toBe(202);
    expect((await opened.ask("POST", path)).status).toBe(201);
  });

  it("never reaches into another account or region", async () => {
    opened = await openRegistry();
    opened.emulator.account(account).setBlobMounting(region, "ENABLED");
    const elsewhere = opened.emulator.repository("222222222222", region, "base");
    const { blobs } = placeImage(elsewhere, image());
    const path = `/v2/app/blobs/uploads/?mount=${blobs[1]?.digest}&from=base`;
    expect((await opened.ask("POST", path)).status).toBe(202);
  });
});

describe("conversion by Accept", () => {
  it.each([
    ["OCI to Docker", image(), mediaTypes.dockerManifest, mediaTypes.dockerManifest],
    ["Docker to OCI", image({ family: "docker" }), mediaTypes.ociManifest, mediaTypes.ociManifest],
    ["an index to a list", index([image()]), mediaTypes.dockerList, mediaTypes.dockerList],
    ["to schema 1", image(), "", mediaTypes.dockerSchema1Signed],
    ["not when everything is accepted", image(), "*/*", mediaTypes.ociManifest],
    [
      "not when the type is in the list",
      image(),
      `${mediaTypes.dockerManifest}, ${mediaTypes.ociManifest};q=0.5`,
      mediaTypes.ociManifest,
    ],
  ])("%s", async (_, fixture, accept, mediaType) => {
    opened = await openRegistry();
    placeImage(opened.repository, fixture, { tags: ["v1"] });
    const { digest } = fixture.descriptor;
    const byTag = await opened.ask("GET", "/v2/app/manifests/v1", { headers: { accept } });
    expect(byTag.headers["content-type"]).toBe(mediaType);
    expect(sha256(byTag.bytes) === digest).toBe(mediaType === fixture.descriptor.mediaType);
    const byDigest = await opened.ask("GET", `/v2/app/manifests/${digest}`, { headers: { accept } });
    expect(sha256(byDigest.bytes)).toBe(digest);
  });
});

describe("options", () => {
  it("subject405 refuses manifests with a subject", async () => {
    opened = await openRegistry({ subject405: true });
    const fixture = placeImage(opened.repository, referrer(image()));
    const answer = await pushManifest(opened, fixture.descriptor.digest, rootOf(fixture));
    expect(answer).toMatchObject({ status: 405, code: "UNSUPPORTED" });
  });

  it("rateLimits answer 429 per action, account and region", async () => {
    let now = 1_000_000;
    const clock = { now: () => now };
    opened = await openRegistry({ rateLimits: { PutImage: 2 }, clock });
    const fixture = placeImage(opened.repository, image());
    const put = async () =>
      opened === undefined ? undefined : await pushManifest(opened, "v1", rootOf(fixture));
    expect([(await put())?.status, (await put())?.status]).toEqual([201, 201]);
    expect(await put()).toMatchObject({
      status: 429,
      code: "TOOMANYREQUESTS",
      text: expect.stringContaining("Rate exceeded"),
    });
    expect((await opened.ask("HEAD", "/v2/app/manifests/v1")).status).toBe(200);
    now += 500;
    expect((await put())?.status).toBe(201);
    expect((await put())?.status).toBe(429);
  });

  it("locations are absolute where they are asked to be", async () => {
    opened = await openRegistry({ locations: "absolute" });
    expect(await beginUpload(opened)).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v2\/app\/blobs\/uploads\//);
  });

  it("a creation template for pushes makes the repository with its settings", async () => {
    opened = await openRegistry();
    const { creationTemplates } = opened.emulator.store.region(account, region);
    creationTemplates.set("ROOT", { prefix: "ROOT", appliedFor: ["REPLICATION"] });
    creationTemplates.set("team", {
      prefix: "team",
      appliedFor: ["CREATE_ON_PUSH"],
      imageTagMutability: "IMMUTABLE",
    });
    expect((await opened.ask("POST", "/v2/other/app/blobs/uploads/")).status).toBe(404);
    expect((await opened.ask("POST", "/v2/team/app/blobs/uploads/")).status).toBe(202);
    const made = opened.emulator.store.findRepository(account, region, "team/app");
    expect(made?.imageTagMutability).toBe("IMMUTABLE");
  });

  it("discardBlobsAboveBytes keeps digest and size, not the content", async () => {
    opened = await openRegistry({ mode: "strict", discardBlobsAboveBytes: 10 });
    expect((await pushBlob(opened, "more than ten bytes")).status).toBe(201);
    expect((await pushBlob(opened, "less")).status).toBe(201);
    const digest = sha256("more than ten bytes");
    expect(opened.repository.blobs.get(digest)).toMatchObject({ size: 19, content: { kind: "discarded" } });
    expect((await opened.ask("HEAD", `/v2/app/blobs/${digest}`)).headers["content-length"]).toBe("19");
    expect(await opened.ask("GET", `/v2/app/blobs/${digest}`)).toMatchObject({
      status: 500,
      text: expect.stringContaining("dropped on upload"),
    });
    expect((await opened.ask("GET", `/v2/app/blobs/${sha256("less")}`)).text).toBe("less");
  });

  it("a layer may have 4,200 parts and no more", async () => {
    opened = await openRegistry();
    const location = await beginUpload(opened);
    const upload = [...opened.repository.uploads.values()][0];
    for (let number = 0; number < 4_200; number += 1) upload?.parts.push(partBytes);
    await opened.ask("PATCH", location, { body: "last" });
    expect(await opened.ask("PUT", `${location}?digest=${sha256("last")}`)).toMatchObject({
      status: 403,
      text: expect.stringContaining("at most 4200 parts"),
    });
  });
});
