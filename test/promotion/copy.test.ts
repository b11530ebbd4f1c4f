import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Semaphore } from "../../job/async/semaphore.ts";
import { PromoterError } from "../../job/error.ts";
import { isDigest } from "../../job/oci/digest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { blob, document, image, index } from "./memory-image.ts";
import type { MemoryRegistry } from "./memory-registry.ts";
import { type World, world } from "./world.ts";

const app = "prod.test/app:1";

function pushes(registry: MemoryRegistry): string[] {
  return registry.calls.filter(({ verb }) => verb === "pushManifest").map(({ target }) => target);
}

function multiPlatform({ dev }: World, count = 2) {
  const repository = dev.repository("app");
  const architectures = Array.from({ length: count }, (_, position) => `cpu${position}`);
  const members = architectures.map((architecture) =>
    image(repository, { layers: ["shared", architecture], architecture }),
  );
  return { repository, members, root: index(repository, members, "1") };
}

describe("one image", () => {
  it("goes content first and tag last, each blob once", async () => {
    const w = world();
    const { members, root } = multiPlatform(w);
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied", digest: root.descriptor.digest });
    expect(new Set(pushes(w.prod).slice(0, 2))).toEqual(
      new Set(members.map(({ descriptor }) => descriptor.digest)),
    );
    expect(pushes(w.prod).slice(2)).toEqual(["1"]);
    expect(w.prod.count("pushBlob")).toBe(5);
  });

  it("keeps nested indexes, artifacts without config and unknown media types", async () => {
    const w = world();
    const repository = w.dev.repository("app");
    const inner = index(repository, [image(repository, { layers: ["x"] })]);
    const opaque = document({ mediaType: "application/vnd.example.thing.v7+json", anything: [1, 2] });
    const bare = document({
      mediaType: mediaTypes.ociManifest,
      artifactType: "application/vnd.example",
      layers: [blob(repository, "payload")],
    });
    for (const manifest of [opaque, bare]) repository.put(manifest);
    const root = index(repository, [inner, opaque, bare], "1");
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied", digest: root.descriptor.digest });
    const there = w.prod.repository("app");
    expect(there.manifests.size).toBe(5);
    expect(there.manifests.get(opaque.descriptor.digest)?.bytes).toEqual(opaque.bytes);
  });

  it("takes an index member of a media type that is no manifest as a blob", async () => {
    const w = world();
    const repository = w.dev.repository("app");
    const cache = blob(repository, "a cached layer", "application/vnd.oci.image.layer.v1.tar+gzip");
    const root = document({ mediaType: mediaTypes.ociIndex, manifests: [cache] });
    repository.put(root, "1");
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied" });
    expect(w.prod.repository("app").blobs.has(cache.digest)).toBe(true);
  });

  it("leaves layers where their licence keeps them", async () => {
    const w = world();
    const repository = w.dev.repository("app");
    const foreign = blob(repository, "licensed", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");
    repository.put(
      document({ mediaType: mediaTypes.dockerManifest, config: blob(repository, "{}"), layers: [foreign] }),
      "1",
    );
    const there = w.prod.repository("app");
    await w.promoteOne(app);
    expect(w.prod.calls.some(({ target }) => target === foreign.digest)).toBe(false);
    expect(there.blobs.size).toBe(1);
  });

  it("sends only what is missing when it runs again", async () => {
    const w = world();
    multiPlatform(w, 3);
    let budget = 4;
    w.prod.fault = ({ verb }) => {
      if (verb === "pushBlob" && budget-- <= 0)
        throw new PromoterError("Network", "cut", { temporary: true });
    };
    expect(await w.promoteOne(app)).toMatchObject({
      status: "failed",
      error: { code: "Network", temporary: true },
    });
    expect(w.prod.repository("app").tags.size).toBe(0);
    w.prod.fault = undefined;
    const before = w.prod.count("pushBlob");
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied" });
    expect(w.prod.repository("app").blobs.size).toBe(7);
    expect(w.prod.count("pushBlob") - before).toBe(3);
  });

  it("refuses a blob that is not what its descriptor says, and sets no tag", async () => {
    const w = world();
    const { repository } = multiPlatform(w);
    const [digest] = repository.blobs.keys();
    if (digest) repository.blobs.set(digest, Buffer.from("tampered with, by exactly nobody knows whom"));
    expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code: "SizeMismatch" } });
    expect(w.prod.repository("app").tags.size).toBe(0);
  });

  it("refuses an index whose descriptor lies about a member's media type", async () => {
    const w = world();
    const repository = w.dev.repository("app");
    const member = image(repository, { layers: ["x"] });
    const lying = { ...member, descriptor: { ...member.descriptor, mediaType: mediaTypes.dockerManifest } };
    index(repository, [lying], "1");
    expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code: "MediaTypeMismatch" } });
  });

  it("refuses an index that lacks a member at the source", async () => {
    const w = world();
    const { repository, members } = multiPlatform(w);
    repository.manifests.delete(members[1]?.descriptor.digest ?? "sha256:");
    expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code: "ManifestUnknown" } });
    expect(w.prod.count("pushBlob") + w.prod.count("pushManifest")).toBe(0);
  });

  it("pushes a child once more that the destination claims to have and has not", async () => {
    const w = world();
    const { members, root } = multiPlatform(w);
    const child = members[0]?.descriptor.digest ?? "sha256:";
    w.prod.repository("app").phantoms.add(child);
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied" });
    expect(pushes(w.prod)).toContain(child);
    expect(w.prod.repository("app").tags.get("1")).toBe(root.descriptor.digest);
  });

  it("brings again what the destination has lost below a manifest that only gets a tag", async () => {
    const w = world();
    const { repository, members, root } = multiPlatform(w);
    await w.promoteOne(app);
    repository.put(root, "2");
    w.prod.repository("app").manifests.delete(members[0]?.descriptor.digest ?? "sha256:");
    expect(await w.promoteOne("prod.test/app:2")).toMatchObject({ status: "retagged" });
    expect(w.prod.repository("app").manifests.size).toBe(3);
  });

  it.each(["ManifestBlobUnknown", "BlobUploadUnknown", "BlobUploadInvalid", "RangeInvalid"] as const)(
    "leaves %s, which the same request meets again, to another run",
    async (code) => {
      const w = world();
      multiPlatform(w);
      const verb = code === "ManifestBlobUnknown" ? "pushManifest" : "pushBlob";
      w.prod.fault = (call) => {
        if (call.verb === verb) throw new PromoterError(code, "no");
      };
      expect(await w.promoteOne(app)).toMatchObject({ status: "failed", error: { code, temporary: true } });
    },
  );

  it("says so when the destination does not hold what was put there", async () => {
    const w = world();
    multiPlatform(w);
    const other = image(w.prod.repository("app"), { layers: ["other"] }).descriptor.digest;
    w.prod.fault = ({ verb, target }) => {
      if (verb === "resolve" && target === "1" && w.prod.repository("app").tags.has("1")) {
        w.prod.repository("app").tags.set("1", other);
      }
    };
    expect(await w.promoteOne(app)).toMatchObject({
      status: "failed",
      error: { code: "VerificationFailed" },
    });
  });
});

describe("attachments", () => {
  function signed(w: World) {
    const { repository, members, root } = multiPlatform(w);
    const subject = root.descriptor;
    const referrer = image(repository, { layers: ["sbom"], subject, artifactType: "application/spdx+json" });
    const nested = image(repository, {
      layers: ["sig of sbom"],
      subject: referrer.descriptor,
      artifactType: "x/sig",
    });
    const ofMember = image(repository, { layers: ["sig"], subject: members[0]?.descriptor ?? subject });
    const signature = image(repository, { layers: ["cosign"], tag: `${referrersTag(subject.digest)}.sig` });
    return { root, referrer, nested, ofMember, signature };
  }

  it("go along after their subject and before the tag", async () => {
    const w = world();
    const { root, referrer, nested, ofMember, signature } = signed(w);
    expect(await w.promoteOne(app)).toMatchObject({ status: "copied", referrers: 4, warnings: [] });
    const there = w.prod.repository("app");
    for (const { descriptor } of [referrer, nested, ofMember, signature]) {
      expect(there.manifests.has(descriptor.digest)).toBe(true);
    }
    expect(there.tags.get(`${referrersTag(root.descriptor.digest)}.sig`)).toBe(signature.descriptor.digest);
    const order = pushes(w.prod);
    expect(order.indexOf(referrer.descriptor.digest)).toBeGreaterThan(order.indexOf(root.descriptor.digest));
    expect(order.indexOf(nested.descriptor.digest)).toBeGreaterThan(
      order.indexOf(referrer.descriptor.digest),
    );
    expect(order.at(-1)).toBe("1");
    expect(there.linked.get(root.descriptor.digest)).toMatchObject([
      { artifactType: "application/spdx+json" },
    ]);
  });

  it("stay behind when nobody wants them", async () => {
    const w = world();
    signed(w);
    expect(await w.promoteOne(app, { referrers: "none" })).toMatchObject({ status: "copied", referrers: 0 });
    expect(w.dev.count("referrers")).toBe(0);
  });

  it.each([
    {
      referrers: "all" as const,
      expected: { status: "copied", warnings: [expect.stringContaining("refused")] },
    },
    {
      referrers: "required" as const,
      expected: { status: "failed", error: { code: "ReferrersIncomplete" } },
    },
  ])(
    "that the destination refuses are a warning, or, with $referrers, decide",
    async ({ referrers, expected }) => {
      const w = world();
      const { referrer, nested, root } = signed(w);
      w.prod.fault = ({ verb, target }) => {
        if (verb === "pushManifest" && target === referrer.descriptor.digest) {
          throw new PromoterError("Unsupported", "405 manifests with a subject are not supported");
        }
      };
      expect(await w.promoteOne(app, { referrers })).toMatchObject(expected);
      expect(w.prod.repository("app").manifests.has(nested.descriptor.digest)).toBe(false);
      const tag = w.prod.repository("app").tags.get("1");
      expect(tag).toBe(referrers === "all" ? root.descriptor.digest : undefined);
    },
  );

  it("that the source will not list are a warning; a source that fails for now fails the image", async () => {
    for (const [error, status] of [
      [new PromoterError("Denied", "no"), "copied"],
      [new PromoterError("Unavailable", "503", { temporary: true }), "failed"],
    ] as const) {
      const w = world();
      signed(w);
      w.dev.fault = ({ verb }) => {
        if (verb === "referrers") throw error;
      };
      expect(await w.promoteOne(app)).toMatchObject({ status });
    }
  });
});

describe("many images", () => {
  function family(w: World, count: number): string[] {
    return Array.from({ length: count }, (_, position) => {
      image(w.dev.repository(`app${position}`), {
        layers: ["base 1", "base 2", `own ${position}`],
        tag: "1",
      });
      return `prod.test/app${position}:1`;
    });
  }

  it.each(["upload", "manifest"] as const)(
    "send a shared blob once and mount it (mountable after %s)",
    async (after) => {
      const w = world({ mountableAfter: after });
      const report = await w.promote(family(w, 20));
      expect(report.summary).toMatchObject({ images: 20, copied: 20, failed: 0 });
      const sent = w.dev.calls.filter(({ verb }) => verb === "fetchBlob").map(({ target }) => target);
      expect(new Set(sent).size).toBe(sent.length);
      expect(report.summary.bytesMounted).toBe(19 * 2 * "base 1".length);
    },
  );

  it("send it again where the registry declines to mount, without waiting for each other", async () => {
    const w = world({ mounts: false, mountableAfter: "manifest" });
    const report = await w.promote(family(w, 6));
    expect(report.summary).toMatchObject({ copied: 6, bytesMounted: 0 });
  });

  it("do not wait for a repository from which the registry has declined to mount", async () => {
    const w = world({ mounts: false, mountableAfter: "manifest" });
    const lead = w.dev.repository("lead");
    const members = ["base 1", "base 2"].map((layer) => image(lead, { layers: [layer] }));
    index(lead, members, "1");
    const declined = ["one", "two", "three"];
    for (const name of declined)
      image(w.dev.repository(name), { layers: ["base 1", `own ${name}`], tag: "1" });
    image(w.dev.repository("last"), { layers: ["base 2", "own last"], tag: "1" });
    const last = Promise.withResolvers<string>();
    let first: string | undefined;
    const leading = Promise.withResolvers<void>();
    w.dev.fault = async ({ verb, repository }) => {
      if (verb === "fetchManifest" && repository !== "lead") await leading.promise;
    };
    w.prod.fault = async ({ verb, repository, target }) => {
      if (verb === "hasBlob" && repository === "lead") leading.resolve();
      if (verb !== "pushManifest") return;
      if (repository === "last") last.resolve("last");
      if (target === members[1]?.descriptor.digest)
        first = await Promise.race([last.promise, delay(2_000, "lead")]);
    };
    // Four images at once: the last begins when one of those before it has been declined.
    const names = ["lead", ...declined, "last"].map((name) => `prod.test/${name}:1`);
    const report = await w.promote(names, { limit: new Semaphore(2), requests: new Semaphore(4) });
    expect(report.summary).toMatchObject({ copied: 5, failed: 0 });
    expect(first).toBe("last");
  });

  it("do not wait for a leader that failed", async () => {
    const w = world({ mountableAfter: "manifest" });
    const names = family(w, 4);
    w.prod.fault = ({ verb, repository }) => {
      if (verb === "pushManifest" && repository === "app0") throw new PromoterError("Denied", "no");
    };
    const report = await w.promote(names);
    expect(report.images.map(({ status }) => status)).toEqual(["failed", "copied", "copied", "copied"]);
  });

  it("keep within one limit", async () => {
    const w = world();
    let running = 0;
    let most = 0;
    const watch = async ({ verb }: { verb: string }) => {
      // A blob is read while it is written, in the same slot.
      if (verb === "fetchBlob") return;
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    w.dev.fault = watch;
    w.prod.fault = watch;
    await w.promote(family(w, 12), { limit: new Semaphore(3) });
    expect(most).toBe(3);
  });

  it("put a manifest that two tags share once", async () => {
    const w = world();
    const { root, repository } = multiPlatform(w);
    repository.tags.set("2", root.descriptor.digest);
    await w.promote([app, "prod.test/app:2"]);
    const byDigest = pushes(w.prod).filter(isDigest);
    expect(new Set(byDigest).size).toBe(byDigest.length);
  });

  it("report what an abort left undone and leave no half tag", async () => {
    const w = world();
    const controller = new AbortController();
    w.prod.fault = ({ verb }) => {
      if (verb === "pushManifest") controller.abort(new PromoterError("Aborted", "Stopped by SIGTERM"));
    };
    const report = await w.promote(family(w, 8), { signal: controller.signal, limit: new Semaphore(1) });
    expect(report.summary.failed).toBeGreaterThan(0);
    for (const { error } of report.images) if (error) expect(error.code).toBe("Aborted");
  });
});

it("asks each registry for nothing twice", async () => {
  const w = world();
  multiPlatform(w);
  await w.promoteOne(app, { referrers: "none" });
  for (const registry of [w.dev, w.prod]) {
    const asked = registry.calls.map(({ verb, target }) => `${verb} ${target}`);
    const verification = registry === w.prod ? 1 : 0;
    expect(asked.length - new Set(asked).size).toBe(verification);
  }
});

it("mounts from the source within one registry, and no byte crosses", async () => {
  const route = [
    { to: { host: "prod.test", prefix: "live" }, from: [{ host: "prod.test", prefix: "built" }] },
  ];
  const w = world({ mountableAfter: "manifest" }, route);
  const built = w.prod.repository("built/app");
  const members = [image(built, { layers: ["base", "one"] }), image(built, { layers: ["base", "two"] })];
  const root = index(built, members, "1");
  const planned = await w.plan(["prod.test/live/app:1"]);
  const done = await w.promote(["prod.test/live/app:1"]);
  expect(done.summary).toMatchObject({ copied: 1, failed: 0 });
  expect(w.prod.count("fetchBlob")).toBe(0);
  expect(w.prod.repository("live/app").tags.get("1")).toBe(root.descriptor.digest);
  expect(planned.summary).toMatchObject({
    bytesCopied: done.summary.bytesCopied,
    bytesMounted: done.summary.bytesMounted,
  });
});
