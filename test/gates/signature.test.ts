import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import type { SignatureGateOptions } from "../../job/gates/signature/policy.ts";
import { signatureGate } from "../../job/gates/signature.ts";
import { cosignTags } from "../../job/oci/referrers-tag.ts";
import { blob, document } from "../promotion/memory-image.ts";
import { detailOf, type SignedWorld, signedWorld } from "./signed-world.ts";
import {
  attachBundle,
  bundleType,
  keyBundle,
  messageBundle,
  p256,
  payloadFor,
  pemOf,
  simpleLayer,
  simpleSigningType,
  statementFor,
  tagSignatures,
} from "./signing.ts";
import { Sigstore, somebody } from "./sigstore.ts";

let sigstore: Sigstore;
beforeAll(async () => {
  sigstore = await Sigstore.open();
});

type Scene = (world: SignedWorld) => void | Promise<void>;

function keyless(changes: Partial<SignatureGateOptions> = {}): SignatureGateOptions {
  return { identities: [somebody], loadTrustedRoot: async () => sigstore.trustedRoot, ...changes };
}

const digestOfIndex = ({ index }: SignedWorld) => index.descriptor.digest;

describe("a signature by key", () => {
  const accepted: readonly [name: string, scene: Scene, detail: RegExp][] = [
    [
      "cosign's first form",
      (world) => {
        const { repository, index, key } = world;
        tagSignatures(repository, index, [simpleLayer(key, payloadFor(digestOfIndex(world)))]);
      },
      /^signed by the key cosign\.pub \(SHA256:[0-9a-f]{16}\) \(simple signing\)$/,
    ],
    [
      "a bundle as a referrer",
      (world) => {
        const { repository, index, key } = world;
        attachBundle(repository, index, keyBundle(key, statementFor(digestOfIndex(world))));
      },
      /\(sigstore bundle\)$/,
    ],
    [
      "a bundle with a signature of the manifest",
      ({ repository, index, key }) => {
        attachBundle(repository, index, messageBundle(key, index));
      },
      /\(sigstore bundle\)$/,
    ],
    [
      "one good signature of three",
      (world) => {
        const { repository, index, key, other } = world;
        const payload = payloadFor(digestOfIndex(world));
        tagSignatures(repository, index, [
          simpleLayer(other, payload),
          simpleLayer(key, payload),
          simpleLayer(key, payloadFor(world.child.descriptor.digest)),
        ]);
      },
      /cosign\.pub/,
    ],
    [
      "a good bundle beside a bad tag",
      (world) => {
        const { repository, index, key, other } = world;
        tagSignatures(repository, index, [simpleLayer(other, payloadFor(digestOfIndex(world)))]);
        attachBundle(repository, index, keyBundle(other, statementFor(digestOfIndex(world))));
        attachBundle(repository, index, keyBundle(key, statementFor(digestOfIndex(world))));
      },
      /sigstore bundle/,
    ],
  ];

  it.each(accepted)("lets pass: %s", async (_name, scene, detail) => {
    const world = signedWorld();
    await scene(world);
    const report = await world.promote();
    expect(detailOf(report)).toMatch(detail);
    expect(report).toMatchObject({
      status: "copied",
      gates: [{ gate: "signature", passed: true, findings: [] }],
    });
  });

  it.each([
    ["P-384", generateKeyPairSync("ec", { namedCurve: "P-384" }), "sha256"],
    ["P-384 with its own hash", generateKeyPairSync("ec", { namedCurve: "P-384" }), "sha384"],
    ["P-521", generateKeyPairSync("ec", { namedCurve: "P-521" }), "sha512"],
    ["Ed25519", generateKeyPairSync("ed25519"), "sha512"],
    ["RSA", generateKeyPairSync("rsa", { modulusLength: 2048 }), "sha256"],
  ])("knows keys of the kind %s", async (_kind, key, hash) => {
    const world = signedWorld();
    attachBundle(world.repository, world.index, keyBundle(key, statementFor(digestOfIndex(world)), hash));
    const strangers = [{ name: "a.pub", pem: pemOf(p256()) }];
    const refused = await world.promote({ keys: strangers });
    expect(refused.error?.code).toBe("SignatureRequired");
    const report = await world.promote({ keys: [...strangers, { name: "b.pub", pem: pemOf(key) }] });
    expect(detailOf(report)).toMatch(/^signed by the key b\.pub /);
  });

  it.each(["none", "all"] as const)("is looked for also under --referrers %s", async (referrers) => {
    const world = signedWorld();
    attachBundle(world.repository, world.index, keyBundle(world.key, statementFor(digestOfIndex(world))));
    const report = await world.promote(undefined, { referrers });
    expect(report.status).toBe("copied");
    expect(world.dev.count("referrers")).toBe(referrers === "none" ? 1 : 4);
  });

  it("is looked for at the destination when the source has forgotten the image", async () => {
    const world = signedWorld();
    attachBundle(world.repository, world.index, keyBundle(world.key, statementFor(digestOfIndex(world))));
    await world.promote();
    world.repository.manifests.clear();
    const name = `prod.test/team/app:2.0@${digestOfIndex(world)}`;
    const report = await world.promote(undefined, {}, name);
    expect(report).toMatchObject({ status: "retagged", gates: [{ passed: true }] });
    const strangers = { keys: [{ name: "a.pub", pem: pemOf(world.other) }] };
    const refused = await world.promote(strangers, {}, name.replace("2.0", "3.0"));
    expect(refused.error?.code).toBe("SignatureRequired");
  });
});

describe("a source that cannot be asked", () => {
  const unavailable = new PromoterError("Unavailable", "503", { temporary: true });

  it.each(["fetchManifest", "fetchBlob", "referrers"])("does not count as unsigned: %s", async (verb) => {
    const world = signedWorld();
    attachBundle(world.repository, world.index, keyBundle(world.key, statementFor(digestOfIndex(world))));
    const [tag] = cosignTags(digestOfIndex(world));
    tagSignatures(world.repository, world.index, [
      simpleLayer(world.other, payloadFor(digestOfIndex(world))),
    ]);
    let broken = true;
    world.dev.fault = (call) => {
      const own = verb !== "fetchManifest" || call.target === tag;
      if (broken && call.verb === verb && own) throw unavailable;
    };
    const report = await world.promote(undefined, { referrers: "none" });
    if (verb === "fetchManifest") {
      // The tag cannot be read; the bundle suffices.
      expect(report.status).toBe("copied");
      return;
    }
    expect(report).toMatchObject({
      status: "failed",
      error: { code: "Unavailable", temporary: true },
    });
    broken = false;
    expect((await world.promote(undefined, { referrers: "none" })).status).toBe("copied");
  });

  it("stops when the run does", async () => {
    const world = signedWorld();
    const stop = new AbortController();
    world.dev.fault = ({ verb }) => {
      if (verb !== "referrers") return;
      stop.abort(new PromoterError("Aborted", "Stopped", { temporary: true }));
      throw unavailable;
    };
    const report = await world.promote(undefined, { referrers: "none", signal: stop.signal });
    expect(report.error?.code).toBe("Aborted");
  });
});

it("finds a bundle that its registry lists as an empty config", async () => {
  const world = signedWorld();
  const { repository, index, key } = world;
  const manifest = document({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: blob(repository, "{}", "application/vnd.oci.empty.v1+json"),
    layers: [
      blob(repository, JSON.stringify(keyBundle(key, statementFor(digestOfIndex(world)))), bundleType),
    ],
    subject: index.descriptor,
  });
  repository.put(manifest);
  expect((await world.promote(undefined, { referrers: "none" })).status).toBe("copied");
});

it("fetches no referrer of another kind", async () => {
  const world = signedWorld();
  const others = ["a", "b", "c"].map((text) =>
    document({
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/spdx+json",
      config: blob(world.repository, text),
      layers: [blob(world.repository, text, simpleSigningType)],
      subject: world.index.descriptor,
    }),
  );
  for (const other of others) world.repository.put(other);
  const report = await world.promote(undefined, { referrers: "none" });
  expect(detailOf(report)).toBe("it has no signature");
  const fetched = world.dev.calls.flatMap(({ verb, target }) => (verb === "fetchManifest" ? target : []));
  expect(fetched).toContain(world.child.descriptor.digest);
  expect(others.filter(({ descriptor }) => fetched.includes(descriptor.digest))).toEqual([]);
});

it.each<[string, SignatureGateOptions, RegExp]>([
  ["nothing", {}, /neither a key nor an identity/],
  ["an identity without a trusted root", { identities: [somebody] }, /need a trusted root/],
  [
    "an identity without a subject",
    keyless({ identities: [{ issuer: "https://a" }] }),
    /either a subject or/,
  ],
  [
    "an identity with both",
    keyless({ identities: [{ ...somebody, subjectPattern: "a*" }] }),
    /either a subject or/,
  ],
  [
    "an identity that is everybody",
    keyless({ identities: [{ issuer: "https://a", subjectPattern: "**" }] }),
    /names no subject/,
  ],
  ["an identity of no issuer", keyless({ identities: [{ issuer: "", subject: "a" }] }), /issuer is empty/],
])("does not start with %s", (_name, options, message) => {
  expect(() => signatureGate(options)).toThrow(
    expect.objectContaining({ code: "InvalidConfiguration", message: expect.stringMatching(message) }),
  );
});
