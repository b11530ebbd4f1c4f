import { describe, expect, it } from "vitest";
import { attestationArtifact } from "../../job/attestation/artifact.ts";
import { preAuthEncoding } from "../../job/attestation/dsse.ts";
import { bundleMediaType, formatBundle, inTotoMediaType } from "../../job/attestation/envelope.ts";
import { readHistory } from "../../job/attestation/history.ts";
import { keyHint } from "../../job/attestation/signing-key.ts";
import { predicateType, promotionStatement } from "../../job/attestation/statement.ts";
import { formatHistory } from "../../job/commands/format-history.ts";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { image } from "../promotion/memory-image.ts";
import { MemoryRegistry, type MemoryRepository } from "../promotion/memory-registry.ts";
import { type KeyPair, keyPair } from "./keys.ts";

const ours = keyPair();
const theirs = keyPair();
const promotedAt = "2026-11-21T12:00:00.000Z";

/** A repository with an image and another one. */
function repository() {
  const there = new MemoryRegistry("prod.test").repository("app");
  const { descriptor: root } = image(there, { layers: ["one"], tag: "1" });
  const { descriptor: other } = image(there, { layers: ["other"], tag: "2" });
  return { there, root, other };
}

function payloadOf({ digest }: Descriptor, reference = "prod.test/app:1"): Buffer {
  const predicate = {
    promotedAt,
    destination: { reference },
    promoter: { version: "1", identity: {} },
    gates: [],
  };
  return Buffer.from(JSON.stringify(promotionStatement("prod.test/app", digest, predicate)));
}

async function signed(payload: Uint8Array, { signing, publicKey }: KeyPair, hint = keyHint(publicKey)) {
  return formatBundle(payload, await signing.sign(preAuthEncoding(inTotoMediaType, payload)), hint);
}

/** Attaches content to an image, as anybody can who may push. */
function attach(
  there: MemoryRepository,
  subject: Descriptor,
  bytes: Uint8Array,
  mediaType = bundleMediaType,
): void {
  const made = attestationArtifact(
    { bytes, mediaType, signed: mediaType === bundleMediaType },
    subject,
    promotedAt,
  );
  for (const { descriptor, bytes: content } of [made.config, made.layer]) {
    there.blobs.set(descriptor.digest, Buffer.from(content));
  }
  there.put(made.manifest);
}

function read(there: MemoryRepository, { digest }: Descriptor, keys = [ours.publicKey]) {
  return readHistory(there, digest, { keys, concurrency: 2 });
}

/** The bundle with another payload under the same signature. */
function swapped(bundle: Uint8Array, payload: Uint8Array): Buffer {
  const document = JSON.parse(Buffer.from(bundle).toString("utf8"));
  document.dsseEnvelope.payload = Buffer.from(payload).toString("base64");
  return Buffer.from(JSON.stringify(document));
}

describe("a statement", () => {
  it("of ours is verified, whatever its bundle says of the key", async () => {
    for (const hint of [keyHint(ours.publicKey), "", "another"]) {
      const { there, root } = repository();
      attach(there, root, await signed(payloadOf(root), ours, hint));
      expect(await read(there, root)).toMatchObject([{ standing: "verified", promotion: { promotedAt } }]);
    }
  });

  it("of somebody else is unverified, and forged when it names our key", async () => {
    const { there, root } = repository();
    attach(there, root, await signed(payloadOf(root), theirs));
    attach(there, root, await signed(payloadOf(root), theirs, keyHint(ours.publicKey)));
    expect((await read(there, root)).map(({ standing }) => standing).sort()).toEqual([
      "forged",
      "unverified",
    ]);
  });

  it("about another image is forged, also under our signature", async () => {
    const { there, root, other } = repository();
    attach(there, root, await signed(payloadOf(other), ours));
    attach(there, root, payloadOf(other), inTotoMediaType);
    const found = await read(there, root);
    expect(found).toMatchObject([
      { standing: "forged", problem: "it is about another image" },
      { standing: "forged", problem: "it is about another image" },
    ]);
  });

  it("that was put into another's envelope is forged", async () => {
    const { there, root } = repository();
    const real = await signed(payloadOf(root), ours);
    attach(there, root, swapped(real, payloadOf(root, "prod.test/app:forged")));
    expect(await read(there, root)).toMatchObject([
      { standing: "forged", problem: "its signature is not over what it says" },
    ]);
  });

  it("whose envelope has another type, or no signature, is not believed", async () => {
    const { there, root } = repository();
    const real = JSON.parse(Buffer.from(await signed(payloadOf(root), ours)).toString("utf8"));
    const typed = { ...real, dsseEnvelope: { ...real.dsseEnvelope, payloadType: "text/plain" } };
    const bare = { ...real, dsseEnvelope: { ...real.dsseEnvelope, signatures: [] } };
    for (const bundle of [typed, bare]) attach(there, root, Buffer.from(JSON.stringify(bundle)));
    expect((await read(there, root)).map(({ standing }) => standing)).toEqual(["forged", "forged"]);
  });

  it("that a list names and that is attached to another image is forged", async () => {
    const { there, root, other } = repository();
    attach(there, other, await signed(payloadOf(root), ours));
    const referrers = there.referrers.bind(there);
    there.referrers = () => referrers(other.digest);
    expect(await read(there, root)).toMatchObject([
      { standing: "forged", problem: "its manifest is attached to another image" },
    ]);
  });

  it.each([
    ["no JSON", Buffer.from("{")],
    ["no bundle", Buffer.from("{}")],
    ["too large", Buffer.from(" ".repeat(1024 * 1024 + 1))],
  ])("that is %s is forged, and ends nothing", async (_what, bytes) => {
    const { there, root } = repository();
    attach(there, root, await signed(payloadOf(root), ours));
    attach(there, root, bytes);
    const found = await read(there, root);
    expect(found.map(({ standing }) => standing).sort()).toEqual(["forged", "verified"]);
  });

  it("whose blob is gone, or not what its digest says, is forged", async () => {
    const { there, root } = repository();
    attach(there, root, await signed(payloadOf(root), ours));
    const [layer] = [...there.blobs].find(([, bytes]) => Buffer.from(bytes).includes("dsseEnvelope")) ?? [];
    if (layer === undefined) throw new Error("no layer");
    const real = there.blobs.get(layer) ?? Buffer.alloc(0);
    there.blobs.set(layer, Buffer.from(real).subarray(1));
    expect(await read(there, root)).toMatchObject([{ standing: "forged" }]);
    there.blobs.delete(layer);
    expect(await read(there, root)).toMatchObject([{ standing: "forged" }]);
  });

  it("of something else is passed over", async () => {
    const { there, root } = repository();
    const provenance = Buffer.from(
      JSON.stringify({
        _type: "https://in-toto.io/Statement/v1",
        predicateType: "https://slsa.dev/provenance/v1",
      }),
    );
    attach(there, root, await signed(provenance, theirs));
    attach(there, root, provenance, inTotoMediaType);
    image(there, { layers: ["sbom"], subject: root, artifactType: "application/spdx+json" });
    expect(await read(there, root)).toEqual([]);
  });
});

it("the newest statement comes last, by the time that each says", async () => {
  const { there, root } = repository();
  const times = ["2026-03-01T00:00:00Z", "2025-01-01T00:00:00+02:00", "2026-02-01T00:00:00Z"];
  for (const time of times) {
    const text = payloadOf(root).toString("utf8").replace(promotedAt, time);
    attach(there, root, await signed(Buffer.from(text), ours));
  }
  const found = await read(there, root);
  expect(found.map(({ promotion }) => promotion?.promotedAt)).toEqual([times[1], times[2], times[0]]);
});

it.each(["text", "json", "yaml", "markdown"] as const)(
  "no statement acts upon a reader of %s",
  async (format) => {
    const { there, root } = repository();
    const evil = "\u001b[2J\u202e\n::error::<script>|@all";
    attach(there, root, payloadOf(root, evil), inTotoMediaType);
    const promotions = await read(there, root);
    expect(promotions).toMatchObject([{ promotion: { destination: { reference: evil } } }]);
    const text = await formatHistory(
      [{ image: "prod.test/app:1", digest: root.digest, promotions }],
      format,
      false,
    );
    for (const part of ["\u001b", "\u202e", "\n::error"]) expect(text).not.toContain(part);
    if (format === "markdown") expect(text).not.toMatch(/<script>|@all/);
  },
);

it("states in its annotations what the predicate is", () => {
  const { root } = repository();
  const made = attestationArtifact(
    { bytes: payloadOf(root), mediaType: inTotoMediaType, signed: false },
    root,
    promotedAt,
  );
  expect(made.referrer.annotations).toEqual({
    "in-toto.io/predicate-type": predicateType,
    "org.opencontainers.image.created": promotedAt,
  });
});
