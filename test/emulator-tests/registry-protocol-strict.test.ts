import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { artifact, referrer } from "../fixtures/attachments.ts";
import { image, index } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { pushOverHttp } from "../fixtures/push-over-http.ts";
import {
  account,
  beginUpload,
  openRegistry,
  pushBlob,
  pushManifest,
  type Registry,
  region,
  sha256,
  sha512,
} from "./registry-client.ts";

let registry: Registry;
beforeAll(async () => {
  registry = await openRegistry({ mode: "strict" });
});
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

const content = Buffer.from("0123456789".repeat(400));
const octets = { "content-type": "application/octet-stream" };

describe("pushing blobs", () => {
  it("takes a blob with the POST alone", async () => {
    const blob = Buffer.from("post only");
    const answer = await registry.ask("POST", `/v2/app/blobs/uploads/?digest=${sha256(blob)}`, {
      body: blob,
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/v2/app/blobs/${sha256(blob)}`);
    expect((await registry.ask("GET", String(answer.headers.location))).bytes).toEqual(blob);
  });

  it("takes a blob with POST and PUT", async () => {
    expect((await pushBlob(registry, "post and put")).status).toBe(201);
    const head = await registry.ask("HEAD", `/v2/app/blobs/${sha256("post and put")}`);
    expect(head).toMatchObject({ status: 200, headers: { "content-length": "12" } });
  });

  it("takes a blob as one stream of unknown length", async () => {
    const location = await beginUpload(registry);
    const patched = await registry.ask("PATCH", location, { headers: octets, body: "streamed" });
    expect(patched).toMatchObject({ status: 202, headers: { range: "0-7" } });
    const put = await registry.ask("PUT", `${patched.headers.location}?digest=${sha256("streamed")}`);
    expect(put.status).toBe(201);
  });

  it("takes chunks, the last one with the PUT", async () => {
    const location = await beginUpload(registry);
    const first = await registry.ask("PATCH", location, {
      headers: { ...octets, "content-range": "0-1999" },
      body: content.subarray(0, 2000),
    });
    expect(first).toMatchObject({ status: 202, headers: { range: "0-1999" } });
    const second = await registry.ask("PATCH", String(first.headers.location), {
      headers: { ...octets, "content-range": "2000-2999" },
      body: content.subarray(2000, 3000),
    });
    expect(second).toMatchObject({ status: 202, headers: { range: "0-2999" } });
    const last = await registry.ask("PUT", `${second.headers.location}?digest=${sha256(content)}`, {
      headers: { ...octets, "content-range": "3000-3999" },
      body: content.subarray(3000),
    });
    expect(last.status).toBe(201);
    expect((await registry.ask("GET", `/v2/app/blobs/${sha256(content)}`)).bytes).toEqual(content);
  });

  it("refuses chunks out of order and tells where the upload stands", async () => {
    const location = await beginUpload(registry);
    await registry.ask("PATCH", location, { headers: { "content-range": "0-9" }, body: "0123456789" });
    const ahead = await registry.ask("PATCH", location, {
      headers: { "content-range": "20-21" },
      body: "xx",
    });
    expect(ahead).toMatchObject({ status: 416, headers: { location, range: "0-9" } });
    const status = await registry.ask("GET", location);
    expect(status).toMatchObject({ status: 204, headers: { location, range: "0-9" } });
    const onward = await registry.ask("PATCH", location, {
      headers: { "content-range": "10-11" },
      body: "xy",
    });
    expect(onward).toMatchObject({ status: 202, headers: { range: "0-11" } });
  });

  it("refuses a last chunk out of order", async () => {
    const location = await beginUpload(registry);
    const put = await registry.ask("PUT", `${location}?digest=${sha256("late")}`, {
      headers: { "content-range": "5-8" },
      body: "late",
    });
    expect(put.status).toBe(416);
  });

  it("refuses a chunk whose range claims other than its length", async () => {
    const location = await beginUpload(registry);
    const answer = await registry.ask("PATCH", location, {
      headers: { "content-range": "0-99" },
      body: "short",
    });
    expect(answer).toMatchObject({ status: 400, code: "SIZE_INVALID" });
  });

  it.each(["?digest=", "?mount="])(
    "refuses a malformed digest after %s or begins an upload",
    async (query) => {
      const answer = await registry.ask("POST", `/v2/app/blobs/uploads/${query}sha256:xyz`);
      expect(answer.status).toBe(query === "?digest=" ? 400 : 202);
    },
  );

  it("refuses the wrong digest however the blob came, and keeps nothing", async () => {
    const wrong = sha256("something else");
    const posted = await registry.ask("POST", `/v2/app/blobs/uploads/?digest=${wrong}`, { body: "bytes" });
    expect(posted).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    const put = await registry.ask("PUT", `${await beginUpload(registry)}?digest=${wrong}`, {
      body: "bytes",
    });
    expect(put).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    const location = await beginUpload(registry);
    await registry.ask("PATCH", location, { body: "bytes" });
    expect((await registry.ask("PUT", `${location}?digest=${wrong}`)).status).toBe(400);
    expect((await registry.ask("HEAD", `/v2/app/blobs/${wrong}`)).status).toBe(404);
  });

  it("takes sha512, announced or not", async () => {
    for (const query of ["?digest-algorithm=sha512", ""]) {
      const blob = Buffer.from(`sha512${query}`);
      const location = await beginUpload(registry, query);
      await registry.ask("PATCH", location, { body: blob });
      expect((await registry.ask("PUT", `${location}?digest=${sha512(blob)}`)).status).toBe(201);
      expect((await registry.ask("GET", `/v2/app/blobs/${sha512(blob)}`)).bytes).toEqual(blob);
    }
  });

  it("takes the empty blob", async () => {
    expect((await pushBlob(registry, "")).status).toBe(201);
    const got = await registry.ask("GET", `/v2/app/blobs/${sha256("")}`);
    expect(got).toMatchObject({ status: 200, headers: { "content-length": "0" } });
  });

  it("forgets a cancelled upload", async () => {
    const location = await beginUpload(registry);
    expect((await registry.ask("DELETE", location)).status).toBe(204);
    expect(await registry.ask("GET", location)).toMatchObject({ status: 404, code: "BLOB_UPLOAD_UNKNOWN" });
    expect((await registry.ask("PUT", `${location}?digest=${sha256("")}`)).status).toBe(404);
  });
});

describe("mounting blobs", () => {
  it.each([
    ["from the repository that is named", "&from=base", 201],
    ["from wherever it is", "", 201],
    ["from a repository that has it not, by an upload", "&from=nobody", 202],
  ])("%s", async (_, from, status) => {
    const blob = Buffer.from(`to mount ${from}`);
    const base = registry.emulator.repository(account, region, "base");
    base.blobs.set(sha256(blob), {
      digest: sha256(blob),
      size: blob.length,
      content: { kind: "bytes", chunks: [blob] },
    });
    const answer = await registry.ask("POST", `/v2/app/blobs/uploads/?mount=${sha256(blob)}${from}`);
    expect(answer.status).toBe(status);
    const there = status === 201 ? 200 : 404;
    expect((await registry.ask("GET", `/v2/app/blobs/${sha256(blob)}`)).status).toBe(there);
    if (status === 202) {
      const put = await registry.ask("PUT", `${answer.headers.location}?digest=${sha256(blob)}`, {
        body: blob,
      });
      expect(put.status).toBe(201);
    }
  });
});

describe("pulling blobs", () => {
  it.each([
    ["bytes=500-1499", 206, 500, 1500, "bytes 500-1499/4000"],
    ["bytes=500-", 206, 500, 4000, "bytes 500-3999/4000"],
    ["bytes=-500", 206, 3500, 4000, "bytes 3500-3999/4000"],
    ["bytes=-5000", 206, 0, 4000, "bytes 0-3999/4000"],
    ["bytes=2000-5000", 206, 2000, 4000, "bytes 2000-3999/4000"],
    ["bytes=500-0", 200, 0, 4000, undefined],
    ["items=0-1", 200, 0, 4000, undefined],
    ["bytes=5000-10000", 416, 0, 0, "bytes */4000"],
  ])("answers the range %s", async (range, status, start, end, contentRange) => {
    await pushBlob(registry, content);
    const answer = await registry.ask("GET", `/v2/app/blobs/${sha256(content)}`, { headers: { range } });
    expect(answer.status).toBe(status);
    expect(answer.bytes).toEqual(content.subarray(start, end));
    expect(answer.headers["content-range"]).toBe(contentRange);
  });

  it("knows no blob that was not pushed", async () => {
    const answer = await registry.ask("GET", `/v2/app/blobs/${sha256("nothing")}`);
    expect(answer).toMatchObject({ status: 404, code: "BLOB_UNKNOWN" });
    expect((await registry.ask("GET", "/v2/app/blobs/sha256:short")).status).toBe(400);
  });

  it("deletes a blob", async () => {
    await pushBlob(registry, "to delete");
    expect((await registry.ask("DELETE", `/v2/app/blobs/${sha256("to delete")}`)).status).toBe(202);
    expect((await registry.ask("HEAD", `/v2/app/blobs/${sha256("to delete")}`)).status).toBe(404);
    expect((await registry.ask("DELETE", `/v2/app/blobs/${sha256("to delete")}`)).status).toBe(404);
  });
});

describe("manifests", () => {
  it("come back byte for byte, by tag and by digest", async () => {
    const fixture = placeImage(registry.repository, image({ seed: 20 }));
    const [manifest] = fixture.manifests;
    if (manifest === undefined) throw new Error("no manifest");
    const pushed = await pushManifest(registry, "v20", manifest);
    const { digest, mediaType, size } = manifest.descriptor;
    expect(pushed).toMatchObject({ status: 201, headers: { "docker-content-digest": digest } });
    for (const target of ["v20", digest]) {
      const got = await registry.ask("GET", `/v2/app/manifests/${target}`);
      expect(got).toMatchObject({
        status: 200,
        bytes: manifest.bytes,
        headers: { "content-type": mediaType, "docker-content-digest": digest },
      });
      const head = await registry.ask("HEAD", `/v2/app/manifests/${target}`);
      expect(head).toMatchObject({ status: 200, headers: { "content-length": String(size) } });
    }
  });

  it.each([
    ["a nested index", () => index([index([image({ seed: 21 })]), image({ seed: 22 })])],
    ["an empty index", () => index([])],
    ["an artifact", () => artifact()],
    ["an image without layers", () => image({ layers: [] })],
    ["a Docker list", () => index([image({ family: "docker", seed: 23 })], { family: "docker" })],
  ])("of %s are taken", async (name, build) => {
    const fixture = build();
    const address = await registry.emulator.listen(account, region);
    const tags = [name.replaceAll(" ", "-")];
    await pushOverHttp(fixture, { registry: `http://${address}`, repository: "kinds", tags });
    const got = await registry.ask("GET", `/v2/kinds/manifests/${tags}`);
    expect(sha256(got.bytes)).toBe(fixture.descriptor.digest);
  });

  it("may be up to 4 MiB, and of a type that nobody knows", async () => {
    const big = Buffer.alloc(4 * 1024 * 1024, "x");
    const headers = { "content-type": "application/vnd.example.strange+json" };
    expect((await registry.ask("PUT", "/v2/app/manifests/big", { headers, body: big })).status).toBe(201);
    const bigger = Buffer.alloc(big.length + 1);
    expect((await registry.ask("PUT", "/v2/app/manifests/bigger", { headers, body: bigger })).status).toBe(
      413,
    );
  });

  it("are refused under another digest, and under none", async () => {
    const [manifest] = placeImage(registry.repository, image({ seed: 24 })).manifests;
    if (manifest === undefined) throw new Error("no manifest");
    const wrong = await pushManifest(registry, sha256("another"), manifest);
    expect(wrong).toMatchObject({ status: 400, code: "DIGEST_INVALID" });
    expect((await pushManifest(registry, "sha256:nonsense", manifest)).status).toBe(400);
    expect((await registry.ask("GET", "/v2/app/manifests/sha256:nonsense")).status).toBe(400);
  });

  it("are refused when they are no JSON or claim another type", async () => {
    const [manifest] = image().manifests;
    const headers = { "content-type": manifest?.descriptor.mediaType ?? "" };
    const broken = await registry.ask("PUT", "/v2/app/manifests/broken", { headers, body: "{" });
    expect(broken).toMatchObject({ status: 400, code: "MANIFEST_INVALID" });
    const [list] = index([]).manifests;
    const mislabelled = await registry.ask("PUT", "/v2/app/manifests/broken", {
      headers,
      body: Buffer.from(list?.bytes ?? []),
    });
    expect(mislabelled.status).toBe(400);
  });

  it("are refused while a blob or a member is missing", async () => {
    const incomplete = index([image({ seed: 25 })]);
    const [child, root] = incomplete.manifests;
    if (child === undefined || root === undefined) throw new Error("no manifests");
    for (const manifest of [child, root]) {
      const answer = await pushManifest(registry, "incomplete", manifest);
      expect(answer).toMatchObject({ status: 404, code: "MANIFEST_BLOB_UNKNOWN" });
    }
  });

  it("take more tags with the parameter tag", async () => {
    const fixture = placeImage(registry.repository, image({ seed: 26 }));
    const [manifest] = fixture.manifests;
    if (manifest === undefined) throw new Error("no manifest");
    const answer = await pushManifest(registry, `${fixture.descriptor.digest}?tag=one&tag=two`, manifest);
    expect(answer).toMatchObject({ status: 201, headers: { "oci-tag": "one, two" } });
    expect(registry.repository.imageTags.get("two")).toBe(fixture.descriptor.digest);
  });

  it("go with their tags when deleted by digest, and stay when a tag is deleted", async () => {
    const fixture = placeImage(registry.repository, image({ seed: 27 }), { tags: ["gone", "kept"] });
    const { digest } = fixture.descriptor;
    expect((await registry.ask("DELETE", "/v2/app/manifests/gone")).status).toBe(202);
    expect((await registry.ask("GET", "/v2/app/manifests/gone")).status).toBe(404);
    expect((await registry.ask("GET", `/v2/app/manifests/${digest}`)).status).toBe(200);
    expect((await registry.ask("DELETE", `/v2/app/manifests/${digest}`)).status).toBe(202);
    expect(await registry.ask("GET", "/v2/app/manifests/kept")).toMatchObject({
      status: 404,
      code: "MANIFEST_UNKNOWN",
    });
  });

  it("keep an immutable tag, but take the same digest again", async () => {
    const first = image({ seed: 28 });
    const other = image({ seed: 29 });
    const settings = { imageTagMutability: "IMMUTABLE" } as const;
    const repository = registry.emulator.repository(account, region, "immutable", settings);
    placeImage(repository, first, { tags: ["v1"] });
    placeImage(repository, other);
    const put = async ({ manifests: [manifest] }: typeof first) =>
      await registry.ask("PUT", "/v2/immutable/manifests/v1", {
        headers: { "content-type": manifest?.descriptor.mediaType ?? "" },
        body: Buffer.from(manifest?.bytes ?? []),
      });
    expect((await put(first)).status).toBe(201);
    expect(await put(other)).toMatchObject({ status: 400, code: "TAG_INVALID" });
  });
});

describe("referrers", () => {
  it("are listed, filtered, and need no subject to be there", async () => {
    const subject = image({ seed: 30 });
    const { digest } = subject.descriptor;
    const sbom = referrer(subject, "application/spdx+json");
    const note = referrer(subject, "application/vnd.example.note");
    for (const fixture of [sbom, note]) {
      for (const blob of fixture.blobs) registry.repository.blobs.set(blob.digest, blob);
      const [manifest] = fixture.manifests;
      if (manifest === undefined) throw new Error("no manifest");
      const pushed = await pushManifest(registry, manifest.descriptor.digest, manifest);
      expect(pushed).toMatchObject({ status: 201, headers: { "oci-subject": digest } });
    }
    const all = await registry.ask("GET", `/v2/app/referrers/${digest}`);
    expect(all.headers["content-type"]).toBe("application/vnd.oci.image.index.v1+json");
    const listed: { manifests: { digest: string; artifactType: string }[] } = JSON.parse(all.text);
    expect(listed.manifests.map((member) => member.digest).sort()).toEqual(
      [sbom.descriptor.digest, note.descriptor.digest].sort(),
    );
    const filtered = await registry.ask(
      "GET",
      `/v2/app/referrers/${digest}?artifactType=application/spdx%2Bjson`,
    );
    expect(filtered.headers["oci-filters-applied"]).toBe("artifactType");
    expect(JSON.parse(filtered.text).manifests).toMatchObject([
      { digest: sbom.descriptor.digest, artifactType: "application/spdx+json" },
    ]);
  });

  it("of nothing are an empty index", async () => {
    const answer = await registry.ask("GET", `/v2/app/referrers/${sha256("nothing")}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ schemaVersion: 2, manifests: [] });
    expect((await registry.ask("GET", "/v2/app/referrers/sha256:x")).status).toBe(400);
  });
});

describe("lists", () => {
  it("of tags are sorted and go on by last or by Link", async () => {
    const repository = registry.emulator.repository(account, region, "listed");
    placeImage(repository, image(), { tags: ["c", "a", "d", "b"] });
    const names = async (query: string) => {
      const answer = await registry.ask("GET", `/v2/listed/tags/list${query}`);
      return [JSON.parse(answer.text).tags, answer.headers.link];
    };
    expect(await names("")).toEqual([["a", "b", "c", "d"], undefined]);
    expect(await names("?n=3")).toEqual([["a", "b", "c"], '</v2/listed/tags/list?n=3&last=c>; rel="next"']);
    expect(await names("?n=3&last=c")).toEqual([["d"], undefined]);
    expect(await names("?n=0")).toEqual([[], undefined]);
    expect(await names("?last=b")).toEqual([["c", "d"], undefined]);
  });

  it("of repositories hold what was pushed: a push makes its repository", async () => {
    expect((await registry.ask("GET", "/v2/made/tags/list")).status).toBe(404);
    await registry.ask("POST", "/v2/made/blobs/uploads/");
    expect(JSON.parse((await registry.ask("GET", "/v2/_catalog")).text).repositories).toContain("made");
  });
});

describe("what is no request of the specification", () => {
  it.each([
    ["GET", "/v2/app/nothing", 404],
    ["POST", "/v2/app/manifests/v1", 404],
    ["GET", "/v2/App/tags/list", 400],
    ["GET", "/", 404],
  ])("%s %s answers %i", async (method, path, status) => {
    expect((await registry.ask(method, path)).status).toBe(status);
  });

  it("/v2/ answers 200", async () => {
    expect((await registry.ask("GET", "/v2/")).status).toBe(200);
  });
});
