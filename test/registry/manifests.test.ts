import { describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { manifestAccept, mediaTypes } from "../../job/oci/media-type.ts";
import { rejection } from "./everything.ts";
import { manifestOf, openTestRegistry } from "./open-test-registry.ts";
import { registryErrors, type Step, scripted } from "./scripted-registry.ts";

const image = manifestOf({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: {}, layers: [] });
const other = manifestOf({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  layers: [],
  annotations: {},
});
const { digest, size, mediaType } = image.descriptor;
const head = { "content-type": mediaType, "docker-content-digest": digest, "content-length": String(size) };
const at = (target: string) => `/v2/team/app/manifests/${target}`;

async function against(steps: readonly Step[]) {
  const server = await scripted(steps);
  const client = openTestRegistry(server.host);
  const repository = client.registry.repository("team/app");
  return {
    server,
    client,
    repository,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      expect(server.problems()).toEqual([]);
    },
  };
}

/** What fails its proof is asked for once more. */
const twice = (step: Step): readonly Step[] => [step, step];

describe("resolve", () => {
  it("takes one HEAD, which accepts every type and no encoding", async () => {
    await using test = await against([
      { method: "HEAD", path: at("v1"), reply: { status: 200, headers: head } },
    ]);
    expect(await test.repository.resolve("v1")).toEqual({ mediaType, digest, size });
    expect(test.server.received[0]?.headers).toMatchObject({
      accept: manifestAccept,
      "accept-encoding": "identity",
    });
    expect(test.client.events).toEqual([
      { kind: "manifest-read", method: "HEAD", status: 200, host: test.server.host },
    ]);
  });

  it("finds nothing at 404, and does not ask twice", async () => {
    await using test = await against([{ method: "HEAD", path: at("v1"), reply: { status: 404 } }]);
    expect(await test.repository.resolve("v1")).toBeUndefined();
  });

  it.each([
    ["no digest", { ...head, "docker-content-digest": "" }],
    ["a digest that is none", { ...head, "docker-content-digest": "md5:1" }],
    ["no type", { ...head, "content-type": "application/octet-stream" }],
    ["no length", { ...head, "content-length": "0" }],
  ])("asks by GET when the HEAD tells %s", async (_, headers) => {
    const get = { status: 200, headers: { "content-type": mediaType }, body: image.bytes };
    await using test = await against([
      { method: "HEAD", path: at("v1"), reply: { status: 200, headers } },
      { method: "GET", path: at("v1"), reply: get },
    ]);
    expect(await test.repository.resolve("v1")).toEqual({ mediaType, digest, size });
  });

  it("needs no digest in the answer to a digest, and takes no other", async () => {
    const { "docker-content-digest": _, ...bare } = head;
    const foreign = { ...head, "docker-content-digest": other.descriptor.digest };
    await using test = await against([
      { method: "HEAD", path: at(digest), reply: { status: 200, headers: bare } },
      ...twice({ method: "HEAD", path: at(digest), reply: { status: 200, headers: foreign } }),
    ]);
    expect(await test.repository.resolve(digest)).toEqual({ mediaType, digest, size });
    expect(await rejection(test.repository.resolve(digest))).toMatchObject({ code: "DigestMismatch" });
  });

  it.each([400, 401, 403, 405])("learns by GET why a HEAD was answered %i", async (status) => {
    const denied = { status: 403, body: registryErrors("DENIED", "User is not authorized") };
    await using test = await against([
      { method: "HEAD", path: at("v1"), reply: { status } },
      { method: "GET", path: at("v1"), reply: denied },
    ]);
    const error = await rejection(test.repository.resolve("v1"));
    expect(error).toMatchObject({ code: "Denied", status: 403, temporary: false });
    expect(String(error)).toContain("User is not authorized");
  });

  it("refuses schema 1", async () => {
    const headers = { ...head, "content-type": mediaTypes.dockerSchema1Signed };
    await using test = await against([{ method: "HEAD", path: at("v1"), reply: { status: 200, headers } }]);
    expect(await rejection(test.repository.resolve("v1"))).toMatchObject({ code: "UnsupportedManifest" });
  });

  it.each(["../../etc", "v1?x=1", "sha256:abc", ""])("asks nothing about %j", async (target) => {
    await using test = await against([]);
    expect(await rejection(test.repository.resolve(target))).toMatchObject({ code: "InvalidReference" });
  });
});

describe("fetchManifest", () => {
  const reply = (body: Uint8Array | string, headers = {}) => ({
    status: 200,
    headers: { "content-type": mediaType, ...headers },
    body,
  });
  const get = (answer: Step["reply"], target = "v1"): Step => ({
    method: "GET",
    path: at(target),
    reply: answer,
  });

  it("gives the exact bytes and their own digest", async () => {
    await using test = await against([get(reply(image.bytes)), get(reply(image.bytes), digest)]);
    for (const target of ["v1", digest]) {
      const found = await test.repository.fetchManifest(target);
      expect(Buffer.from(found?.bytes ?? [])).toEqual(Buffer.from(image.bytes));
      expect(found?.descriptor).toEqual(image.descriptor);
    }
  });

  it("proves sha512 as well", async () => {
    const long = digestOf(image.bytes, "sha512");
    await using test = await against([
      get(reply(image.bytes), long),
      get(reply(image.bytes, { "docker-content-digest": long })),
    ]);
    expect((await test.repository.fetchManifest(long))?.descriptor.digest).toBe(long);
    expect((await test.repository.fetchManifest("v1"))?.descriptor.digest).toBe(long);
  });

  it("takes what comes whole the second time", async () => {
    await using test = await against([get(reply(other.bytes), digest), get(reply(image.bytes), digest)]);
    expect((await test.repository.fetchManifest(digest))?.descriptor).toEqual(image.descriptor);
    expect(test.client.warnings).toEqual([`Trying again to pull manifest ${digest}`]);
  });

  it("believes no header: neither for a digest nor for a tag", async () => {
    const lie = { "docker-content-digest": digest };
    await using test = await against([
      ...twice(get(reply(other.bytes, lie), digest)),
      ...twice(get(reply(other.bytes, lie))),
    ]);
    for (const target of [digest, "v1"]) {
      expect(await rejection(test.repository.fetchManifest(target))).toMatchObject({
        code: "DigestMismatch",
      });
    }
  });

  it.each(["text/plain; charset=utf-8", "application/json", "application/octet-stream"])(
    "reads the type from the document where the server only says %s",
    async (type) => {
      await using test = await against([get(reply(image.bytes, { "content-type": type }))]);
      expect((await test.repository.fetchManifest("v1"))?.descriptor.mediaType).toBe(mediaType);
    },
  );

  it.each([
    ['{"schemaVersion":2,"manifests":[]}', mediaTypes.ociIndex],
    ['{"schemaVersion":2,"config":{},"layers":[]}', mediaTypes.ociManifest],
  ])("tells %s apart without a type", async (body, expected) => {
    await using test = await against([get(reply(body, { "content-type": "text/plain" }))]);
    expect((await test.repository.fetchManifest("v1"))?.descriptor.mediaType).toBe(expected);
  });

  it.each([
    ["MediaTypeMismatch", reply(image.bytes, { "content-type": mediaTypes.ociIndex })],
    [
      "UnsupportedManifest",
      reply('{"schemaVersion":1,"fsLayers":[]}', { "content-type": "application/json" }),
    ],
    ["UnsupportedManifest", reply("{}", { "content-type": mediaTypes.dockerSchema1 })],
    ["InvalidResponse", reply(image.bytes, { "content-encoding": "gzip" })],
    ["ManifestTooLarge", reply(Buffer.alloc(4 * 1024 * 1024 + 1, 32))],
  ])("answers %s", async (code, answer) => {
    await using test = await against([get(answer)]);
    expect(await rejection(test.repository.fetchManifest("v1"))).toMatchObject({ code, temporary: false });
  });

  it.each(["text/html", "text/plain"])("takes a page of %s for something that may pass", async (type) => {
    const page = get(reply("<html>", { "content-type": type }));
    await using test = await against([page, page, get(reply(image.bytes)), page, page, page, page]);
    expect((await test.repository.fetchManifest("v1"))?.descriptor).toEqual(image.descriptor);
    const error = await rejection(test.repository.fetchManifest("v1"));
    expect(error).toMatchObject({ code: "InvalidResponse", temporary: true });
  });

  it("stops reading at the limit where no length is announced", async () => {
    let written = 0;
    await using test = await against([
      get((_, response) => {
        response.writeHead(200, { "content-type": mediaType });
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 32))) written += 65_536;
          if (!response.destroyed) response.once("drain", more);
        };
        more();
        return undefined;
      }),
    ]);
    expect(await rejection(test.repository.fetchManifest("v1"))).toMatchObject({ code: "ManifestTooLarge" });
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  it("tells what is archived from what is not there", async () => {
    await using test = await against([
      get({ status: 404, body: registryErrors("UNKNOWN", "The image has been archived") }),
      get({ status: 404, body: registryErrors("MANIFEST_UNKNOWN", "no") }),
      get({ status: 404, body: registryErrors("NAME_UNKNOWN", "no") }),
    ]);
    expect(await rejection(test.repository.fetchManifest("v1"))).toMatchObject({ code: "ImageArchived" });
    expect(await test.repository.fetchManifest("v1")).toBeUndefined();
    expect(await test.repository.fetchManifest("v1")).toBeUndefined();
  });

  it("reads again what broke off", async () => {
    await using test = await against([
      get((_, response) => {
        response.writeHead(200, { "content-type": mediaType, "content-length": image.bytes.length });
        response.write(image.bytes.subarray(0, 10), () => response.destroy());
        return undefined;
      }),
      get(reply(image.bytes)),
    ]);
    expect((await test.repository.fetchManifest("v1"))?.descriptor).toEqual(image.descriptor);
  });

  it("leaves the credentials at home when it is redirected to another origin", async () => {
    await using elsewhere = await scripted([{ method: "GET", path: "/there", reply: reply(image.bytes) }]);
    const location = `${elsewhere.url.origin}/there`;
    await using server = await scripted([get({ status: 307, headers: { location } })]);
    await using client = openTestRegistry(server.host, {
      credentials: {
        isPreemptive: () => true,
        credentialsFor: async () => ({ kind: "basic", username: "AWS", password: "secret" }),
      },
    });
    const found = await client.registry.repository("team/app").fetchManifest("v1");
    expect(found?.descriptor).toEqual(image.descriptor);
    expect(server.received[0]?.headers.authorization).toMatch(/^Basic /);
    expect(elsewhere.received[0]?.headers).not.toHaveProperty("authorization");
    expect(elsewhere.received[0]?.headers.host).toBe(elsewhere.host);
  });
});

describe("pushManifest", () => {
  const put = (reply: Step["reply"], target = "v1"): Step => ({ method: "PUT", path: at(target), reply });
  const refused = {
    status: 400,
    body: registryErrors("TAG_INVALID", "The tag 'v1' cannot be overwritten because the tag is immutable."),
  };

  it("sends the exact bytes under their type", async () => {
    await using test = await against([put({ status: 201, headers: { location: at(digest) } })]);
    await test.repository.pushManifest(image, "v1");
    expect(test.server.received[0]?.body).toEqual(Buffer.from(image.bytes));
    expect(test.server.received[0]?.headers).toMatchObject({
      "content-type": mediaType,
      "content-length": String(size),
    });
  });

  it.each([
    ["a digest", { "docker-content-digest": other.descriptor.digest }],
    ["a location", { location: at(other.descriptor.digest) }],
  ])("does not accept that the answer names other content by %s", async (_, headers) => {
    await using test = await against([put({ status: 201, headers })]);
    expect(await rejection(test.repository.pushManifest(image, "v1"))).toMatchObject({
      code: "DigestMismatch",
    });
  });

  it("sends nothing whose bytes are not the descriptor's", async () => {
    await using test = await against([]);
    const wrong = { descriptor: image.descriptor, bytes: other.bytes };
    expect(await rejection(test.repository.pushManifest(wrong, "v1"))).toMatchObject({
      code: "DigestMismatch",
    });
    expect(await rejection(test.repository.pushManifest(image, other.descriptor.digest))).toMatchObject({
      code: "DigestMismatch",
    });
  });

  it("is content with an immutable tag that stands for this manifest", async () => {
    await using test = await against([
      put(refused),
      { method: "HEAD", path: at("v1"), reply: { status: 200, headers: head } },
    ]);
    await test.repository.pushManifest(image, "v1");
  });

  it("sends again after a lost answer, and is content when that is refused as immutable", async () => {
    await using test = await against([
      put((_, response) => {
        response.destroy();
        return undefined;
      }),
      put(refused),
      { method: "HEAD", path: at("v1"), reply: { status: 200, headers: head } },
    ]);
    await test.repository.pushManifest(image, "v1");
  });

  it("names both digests when an immutable tag stands for another manifest", async () => {
    const headers = { ...head, "docker-content-digest": other.descriptor.digest };
    await using test = await against([
      put(refused),
      { method: "HEAD", path: at("v1"), reply: { status: 200, headers } },
    ]);
    const error = await rejection(test.repository.pushManifest(image, "v1"));
    expect(error).toMatchObject({ code: "TagImmutable", temporary: false, status: 400 });
    expect(String(error)).toContain(digest);
    expect(String(error)).toContain(other.descriptor.digest);
  });

  it("repeats 500, and not 400", async () => {
    await using test = await against([
      put({ status: 500 }),
      put({ status: 503 }),
      put({ status: 400, body: registryErrors("MANIFEST_INVALID", "no") }),
    ]);
    expect(await rejection(test.repository.pushManifest(image, "v1"))).toMatchObject({
      code: "ManifestInvalid",
    });
  });
});
