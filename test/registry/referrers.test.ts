import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { readReferrersIndex } from "../../job/registry/referrers-index.ts";
import { rejection } from "./everything.ts";
import { all, manifestOf, openTestRegistry } from "./open-test-registry.ts";
import { type Received, registryErrors, type Step, scripted } from "./scripted-registry.ts";

const subject = digestOf(new TextEncoder().encode("subject"));
const api = `/v2/team/app/referrers/${subject}`;
const tagged = `/v2/team/app/manifests/${referrersTag(subject)}`;
const [first, second] = ["one", "two"].map(
  (name): Descriptor => ({
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(new TextEncoder().encode(name)),
    size: 3,
    artifactType: `application/${name}`,
    annotations: { name },
  }),
) as [Descriptor, Descriptor];

const index = (manifests: readonly unknown[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests,
});
const page = (path: string, manifests: readonly unknown[], headers = {}): Step => ({
  method: "GET",
  path,
  reply: {
    status: 200,
    headers: { "content-type": mediaTypes.ociIndex, ...headers },
    body: index(manifests),
  },
});
const noApi: Step = { method: "GET", path: api, reply: { status: 404, body: "404 page not found" } };
const noTag: Step = { method: "GET", path: tagged, reply: { status: 404 } };

async function against<T>(
  steps: readonly Step[],
  work: (repository: ReturnType<ReturnType<typeof openTestRegistry>["registry"]["repository"]>) => Promise<T>,
): Promise<{ result: T; received: readonly Received[]; warnings: readonly string[] }> {
  await using server = await scripted(steps);
  await using client = openTestRegistry(server.host, { tellsTags: false });
  const result = await work(client.registry.repository("team/app"));
  expect(server.problems()).toEqual([]);
  return { result, received: server.received, warnings: client.warnings };
}

describe("referrers", () => {
  it("reads all pages of the API, each manifest once", async () => {
    const steps = [
      page(api, [first, second], { link: `<${api}?next=a%2B>; rel="next"` }),
      page(`${api}?next=a%2B`, [second, { ...first, size: 4 }]),
    ];
    const { result } = await against(steps, (repository) => all(repository.referrers(subject)));
    expect(result).toEqual([first, second]);
  });

  it.each([
    ["404 and a page", { status: 404, body: "404 page not found" }],
    ["404 and nothing", { status: 404 }],
    ["405", { status: 405 }],
    ["400", { status: 400, body: registryErrors("UNSUPPORTED", "no") }],
    ["a page for people", { status: 200, headers: { "content-type": "text/html" }, body: "<html>" }],
    ["other JSON", { status: 200, headers: { "content-type": "application/json" }, body: { hello: 1 } }],
  ])("takes %s for no API, reads the tag, and does not ask the API again", async (_, reply) => {
    const steps = [{ method: "GET", path: api, reply }, page(tagged, [first, first]), noTag];
    const { result } = await against(steps, async (repository) => [
      await all(repository.referrers(subject)),
      await all(repository.referrers(subject)),
    ]);
    expect(result).toEqual([[first], []]);
  });

  it("learns nothing of the API from a repository that is not there", async () => {
    const steps: Step[] = [
      { method: "GET", path: api, reply: { status: 404, body: registryErrors("NAME_UNKNOWN", "no") } },
      noTag,
      page(api, [first]),
    ];
    const { result } = await against(steps, async (repository) => [
      await all(repository.referrers(subject)),
      await all(repository.referrers(subject)),
    ]);
    expect(result).toEqual([[], [first]]);
  });

  it("asks whether there is an API once, however many ask at the same time", async () => {
    const steps: Step[] = [noApi, ...Array.from({ length: 5 }, () => noTag)];
    const { result } = await against(steps, (repository) =>
      Promise.all(Array.from({ length: 5 }, () => all(repository.referrers(subject)))),
    );
    expect(result).toEqual([[], [], [], [], []]);
  });

  it.each([401, 403])("throws at %i: that is no answer", async (status) => {
    const steps = [{ method: "GET", path: api, reply: { status } }];
    const asked = against(steps, (repository) => all(repository.referrers(subject)));
    expect(await rejection(asked)).toMatchObject({ status });
  });

  it("leaves alone what is under the referrers tag and is no list", async () => {
    const image = manifestOf({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, layers: [] });
    const found = { status: 200, headers: { "content-type": mediaTypes.ociManifest }, body: image.bytes };
    const steps: Step[] = [noApi, { method: "GET", path: tagged, reply: found }];
    const { result, warnings } = await against(steps, (repository) => all(repository.referrers(subject)));
    expect(result).toEqual([]);
    expect(warnings).toHaveLength(1);
  });

  it("refuses an entry whose digest is none", async () => {
    const steps = [page(api, [{ ...first, digest: "sha256:../../x" }])];
    const asked = against(steps, (repository) => all(repository.referrers(subject)));
    expect(await rejection(asked)).toMatchObject({ code: "ManifestInvalid" });
  });
});

describe("linkReferrers", () => {
  const put = (reply: Step["reply"] = { status: 201 }): Step => ({ method: "PUT", path: tagged, reply });

  it("does nothing where the registry has the API", async () => {
    await against([page(api, [])], (repository) => repository.linkReferrers(subject, [first]));
  });

  it("asks nothing when there is nothing to link", async () => {
    await against([], (repository) => repository.linkReferrers(subject, []));
  });

  it("extends the index under the referrers tag, and reads it again", async () => {
    const steps = [noApi, page(tagged, [first]), put(), page(tagged, [first, second])];
    const { received } = await against(steps, (repository) =>
      repository.linkReferrers(subject, [first, second]),
    );
    const pushed = received.find(({ method }) => method === "PUT");
    expect(pushed?.headers["content-type"]).toBe(mediaTypes.ociIndex);
    expect(readReferrersIndex(pushed?.body ?? Buffer.of())).toEqual([first, second]);
  });

  it("writes nothing when nothing is missing", async () => {
    await against([noApi, page(tagged, [second, first])], (repository) =>
      repository.linkReferrers(subject, [first]),
    );
  });

  it("extends what another writer has put there meanwhile", async () => {
    const steps = [noApi, noTag, put(), page(tagged, [second]), put(), page(tagged, [second, first])];
    const { received } = await against(steps, (repository) => repository.linkReferrers(subject, [first]));
    const bodies = received
      .filter(({ method }) => method === "PUT")
      .map(({ body }) => readReferrersIndex(body));
    expect(bodies).toEqual([[first], [second, first]]);
  });

  it("gives up when other writers keep winning", async () => {
    const round = [put(), page(tagged, [second])];
    const steps = [noApi, noTag, ...round, ...round, ...round, ...round];
    const linked = against(steps, (repository) => repository.linkReferrers(subject, [first]));
    expect(await rejection(linked)).toMatchObject({ code: "ReferrersIncomplete", temporary: true });
  });

  it("says how to let the referrers tag move where tags are immutable", async () => {
    const old = manifestOf(index([second]), mediaTypes.ociIndex);
    const refused = { status: 400, body: registryErrors("TAG_INVALID", "the tag is immutable") };
    const headers = {
      "content-type": mediaTypes.ociIndex,
      "docker-content-digest": old.descriptor.digest,
      "content-length": String(old.descriptor.size),
    };
    const steps: Step[] = [
      noApi,
      page(tagged, [second]),
      put(refused),
      { method: "HEAD", path: tagged, reply: { status: 200, headers } },
    ];
    const error = await rejection(against(steps, (repository) => repository.linkReferrers(subject, [first])));
    expect(error).toMatchObject({ code: "TagImmutable", hint: expect.stringContaining("sha256-*") });
  });

  it("extends the tag too where the API lists not what was pushed without acknowledgement", async () => {
    const pushed = manifestOf({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      layers: [],
      subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 7 },
    });
    const own = { ...first, digest: pushed.descriptor.digest, size: pushed.descriptor.size };
    const path = `/v2/team/app/manifests/${pushed.descriptor.digest}`;
    const steps: Step[] = [
      { method: "PUT", path, reply: { status: 201 } },
      page(api, []),
      page(api, [second]),
      noTag,
      put(),
      page(tagged, [own]),
      { method: "PUT", path, reply: { status: 201, headers: { "oci-subject": subject } } },
    ];
    await against(steps, async (repository) => {
      await repository.pushManifest(pushed, pushed.descriptor.digest);
      await repository.linkReferrers(subject, [own, second]);
      await repository.pushManifest(pushed, pushed.descriptor.digest);
    });
  });
});
