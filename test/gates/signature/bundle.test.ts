import { describe, expect, it } from "vitest";
import { detailOf, type SignedWorld, signedWorld } from "../signed-world.ts";
import {
  attachBundle,
  envelopeOf,
  keyBundle,
  messageBundle,
  payloadFor,
  signed,
  simpleLayer,
  statementFor,
  tagSignatures,
} from "../signing.ts";

type Scene = (world: SignedWorld) => void | Promise<void>;

const digestOfIndex = ({ index }: SignedWorld) => index.descriptor.digest;

describe("a forged or useless signature by key", () => {
  const forged: readonly [name: string, scene: Scene, detail: RegExp][] = [
    ["no signature at all", () => {}, /^it has no signature$/],
    [
      "a payload of another digest",
      ({ repository, index, key }) => {
        tagSignatures(repository, index, [simpleLayer(key, payloadFor(`sha256:${"0".repeat(64)}`))]);
      },
      /its signature was not accepted: 1\. it is a signature of "sha256:0{64}"/,
    ],
    [
      "a payload that was exchanged after it was signed",
      (world) => {
        const { annotations = {} } = simpleLayer(world.key, payloadFor(world.child.descriptor.digest));
        tagSignatures(world.repository, world.index, [
          { payload: payloadFor(digestOfIndex(world)), annotations },
        ]);
      },
      /none of the keys made it/,
    ],
    [
      "a flipped bit",
      (world) => {
        const payload = payloadFor(digestOfIndex(world));
        const signature = signed(world.key, Buffer.from(payload));
        signature.writeUInt8(signature.readUInt8(20) ^ 1, 20);
        tagSignatures(world.repository, world.index, [
          { payload, annotations: { "dev.cosignproject.cosign/signature": signature.toString("base64") } },
        ]);
      },
      /none of the keys made it/,
    ],
    [
      "another key",
      (world) => {
        tagSignatures(world.repository, world.index, [
          simpleLayer(world.other, payloadFor(digestOfIndex(world))),
        ]);
      },
      /none of the keys made it/,
    ],
    [
      "a payload of another type",
      (world) => {
        const payload = payloadFor(digestOfIndex(world), "atomic container signature");
        tagSignatures(world.repository, world.index, [simpleLayer(world.key, payload)]);
      },
      /payload is of type "atomic container signature"/,
    ],
    [
      "the signature of one platform under the tag of the index",
      (world) => {
        const payload = payloadFor(world.child.descriptor.digest);
        tagSignatures(world.repository, world.index, [simpleLayer(world.key, payload)]);
      },
      /it is a signature of "sha256:/,
    ],
    [
      "the signature of one platform under its own tag",
      (world) => {
        const payload = payloadFor(world.child.descriptor.digest);
        tagSignatures(world.repository, world.child, [simpleLayer(world.key, payload)]);
      },
      /^it has no signature$/,
    ],
    [
      "a bundle of one platform, attached to the index",
      (world) => {
        attachBundle(
          world.repository,
          world.index,
          keyBundle(world.key, statementFor(world.child.descriptor.digest)),
        );
      },
      /it is a signature of "[0-9a-f]{64}"/,
    ],
    [
      "a bundle of one platform, attached to it",
      (world) => {
        attachBundle(
          world.repository,
          world.child,
          keyBundle(world.key, statementFor(world.child.descriptor.digest)),
        );
      },
      /^it has no signature$/,
    ],
    [
      "a bundle by another key",
      (world) => {
        attachBundle(
          world.repository,
          world.index,
          keyBundle(world.other, statementFor(digestOfIndex(world))),
        );
      },
      /none of the keys made it/,
    ],
    [
      "provenance, which is no signature",
      (world) => {
        const statement = statementFor(digestOfIndex(world), "https://slsa.dev/provenance/v1");
        attachBundle(world.repository, world.index, keyBundle(world.key, statement));
      },
      /^it has no signature; 1 attestation says something else$/,
    ],
    [
      "an envelope of another payload type",
      (world) => {
        const bundle = keyBundle(world.key, statementFor(digestOfIndex(world)));
        const dsseEnvelope = envelopeOf(
          statementFor(digestOfIndex(world)),
          (data) => signed(world.key, data),
          "text/plain",
        );
        attachBundle(world.repository, world.index, { ...bundle, dsseEnvelope });
      },
      /^it has no signature; 1 attestation/,
    ],
    [
      "an envelope with two signatures",
      (world) => {
        const bundle = keyBundle(world.key, statementFor(digestOfIndex(world)));
        const envelope = envelopeOf(statementFor(digestOfIndex(world)), (data) => signed(world.key, data));
        const dsseEnvelope = { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] };
        attachBundle(world.repository, world.index, { ...bundle, dsseEnvelope });
      },
      /no valid sigstore bundle/,
    ],
    [
      "a message signature of another manifest",
      ({ repository, index, child, key }) => {
        attachBundle(repository, index, messageBundle(key, child));
      },
      /something else than the image's manifest/,
    ],
    [
      "a message signature whose digest is right and whose signature is not",
      ({ repository, index, child, key }) => {
        attachBundle(repository, index, messageBundle(key, index, child.bytes));
      },
      /none of the keys made it/,
    ],
    [
      "a payload that is too large",
      (world) => {
        const { repository, index, key } = world;
        const payload = payloadFor(digestOfIndex(world)).padEnd(64 * 1024 + 1);
        tagSignatures(repository, index, [simpleLayer(key, payload)]);
      },
      /it has 65537 bytes, more than 65536/,
    ],
    [
      "a payload longer than its manifest says",
      (world) => {
        const layer = simpleLayer(world.key, payloadFor(digestOfIndex(world)), { stated: { size: 10 } });
        tagSignatures(world.repository, world.index, [layer]);
      },
      /it cannot be read: "Refused blob .* its descriptor says 10 bytes/,
    ],
    [
      "a payload that is not there",
      (world) => {
        const stated = { digest: `sha256:${"1".repeat(64)}` as const };
        tagSignatures(world.repository, world.index, [
          simpleLayer(world.key, payloadFor(digestOfIndex(world)), { stated }),
        ]);
      },
      /it cannot be read/,
    ],
    [
      "a payload that is no JSON",
      (world) => {
        tagSignatures(world.repository, world.index, [simpleLayer(world.key, "signed, sealed, delivered")]);
      },
      /its payload is no JSON/,
    ],
    [
      "a layer without a signature",
      (world) => {
        tagSignatures(world.repository, world.index, [{ payload: payloadFor(digestOfIndex(world)) }]);
      },
      /it lacks the annotation with the signature/,
    ],
    [
      "a bundle that is none",
      ({ repository, index }) => {
        attachBundle(repository, index, "{}");
      },
      /no valid sigstore bundle/,
    ],
    [
      "terminal escapes in what is quoted",
      ({ repository, index, key }) => {
        tagSignatures(repository, index, [simpleLayer(key, payloadFor("\u001b[31mred\u202e"))]);
      },
      /it is a signature of "\\u001b\[31mred\?"/,
    ],
  ];

  it.each(forged)("is refused, and nothing is written: %s", async (_name, scene, detail) => {
    const world = signedWorld();
    await scene(world);
    const report = await world.promote();
    expect(detailOf(report)).toMatch(detail);
    expect(report).toMatchObject({
      status: "failed",
      gates: [{ passed: false }],
      error: { code: "SignatureRequired", temporary: false },
    });
    expect(report.error?.message).toBe(
      `At the source: Refused dev.test/team/app@${digestOfIndex(world)}: ${detailOf(report)}`,
    );
    expect(report.error?.hint).toContain(`cosign tree dev.test/team/app@${digestOfIndex(world)}`);
    expect(world.prod.calls.filter(({ verb }) => verb.startsWith("push"))).toEqual([]);
  });

  it("is looked at fifty times and no more", async () => {
    const world = signedWorld();
    const bad = simpleLayer(world.other, payloadFor(digestOfIndex(world)));
    const good = simpleLayer(world.key, payloadFor(digestOfIndex(world)));
    tagSignatures(world.repository, world.index, [...Array.from({ length: 50 }, () => bad), good]);
    const report = await world.promote(undefined, { referrers: "none" });
    expect(detailOf(report)).toMatch(
      /^none of its 50 signatures was accepted, and no more were looked at: 1\. .*; and 45 more$/,
    );
    expect(world.dev.count("fetchBlob")).toBe(50);
  });
});
