import { bundleFromJSON } from "@sigstore/bundle";
import { PublicKeyDetails } from "@sigstore/protobuf-specs";
import { toSignedEntity, toTrustMaterial, Verifier } from "@sigstore/verify";
import { describe, expect, it } from "vitest";
import { preAuthEncoding } from "../../job/attestation/dsse.ts";
import { formatBundle, inTotoMediaType, readBundle } from "../../job/attestation/envelope.ts";
import { keyHint } from "../../job/attestation/signing-key.ts";
import { isSignedByAny } from "../../job/attestation/verify-envelope.ts";
import { type KeyPair, keyKinds, keyPair } from "./keys.ts";

describe("the encoding that is signed", () => {
  // The first is the protocol's own example.
  it.each([
    [
      "http://example.com/HelloWorld",
      "hello world",
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    ],
    ["", "", "DSSEv1 0  0 "],
    ["t", "ü", "DSSEv1 1 t 2 ü"],
    ["tü", "a b", "DSSEv1 3 tü 3 a b"],
  ])("of type %j and payload %j", (type, payload, encoded) => {
    expect(Buffer.from(preAuthEncoding(type, Buffer.from(payload))).toString("utf8")).toBe(encoded);
  });
});

describe.each(Object.keys(keyKinds) as (keyof typeof keyKinds)[])("a bundle signed with %s", (kind) => {
  const pair = keyPair(kind);
  const payload = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v1" }));

  it("is read and verified by sigstore's own library", async () => {
    const bytes = await bundleOf(pair, payload);
    expect(verifyBySigstore(bytes, pair)).toBe(true);
    expect(verifyBySigstore(bytes, keyPair(kind))).toBe(false);
    const document = JSON.parse(Buffer.from(bytes).toString("utf8"));
    document.dsseEnvelope.payload = Buffer.from("{}").toString("base64");
    expect(verifyBySigstore(Buffer.from(JSON.stringify(document)), pair)).toBe(false);
  });

  it("is read and verified by us", async () => {
    const envelope = readBundle(await bundleOf(pair, payload));
    if (envelope === undefined) throw new Error("no envelope");
    expect(envelope).toMatchObject({ payloadType: inTotoMediaType, hint: keyHint(pair.publicKey) });
    expect(isSignedByAny(envelope, [keyPair(kind).publicKey, pair.publicKey])).toBe(true);
    expect(isSignedByAny(envelope, [keyPair(kind).publicKey])).toBe(false);
    expect(isSignedByAny(envelope, [])).toBe(false);
    expect(isSignedByAny({ ...envelope, payload: Buffer.from("{}") }, [pair.publicKey])).toBe(false);
    expect(isSignedByAny({ ...envelope, payloadType: "text/plain" }, [pair.publicKey])).toBe(false);
    expect(isSignedByAny({ ...envelope, signatures: [] }, [pair.publicKey])).toBe(false);
  });
});

it("keys of other kinds do not trip over a signature that is none of theirs", async () => {
  const pairs = (Object.keys(keyKinds) as (keyof typeof keyKinds)[]).map(keyPair);
  for (const pair of pairs) {
    const envelope = readBundle(await bundleOf(pair, Buffer.from("{}")));
    for (const other of pairs) {
      expect(envelope && isSignedByAny(envelope, [other.publicKey])).toBe(other === pair);
    }
  }
});

it.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["a list", "[]"],
  ["no envelope", '{"mediaType":"x"}'],
  ["a signature of a message", '{"messageSignature":{}}'],
  ["an envelope without payload", '{"dsseEnvelope":{"payloadType":"a","signatures":[]}}'],
  [
    "an envelope whose signatures are no list",
    '{"dsseEnvelope":{"payload":"","payloadType":"a","signatures":{}}}',
  ],
  ["bytes that are no text", Buffer.from([0xff, 0xfe])],
])("no bundle is read out of %s", (_what, text) => {
  expect(readBundle(Buffer.from(text))).toBeUndefined();
});

it("a bundle by a certificate has no key to look for", () => {
  const dsseEnvelope = {
    payload: "e30=",
    payloadType: inTotoMediaType,
    signatures: [{ sig: 1 }, null, { sig: "AA==" }],
  };
  const bundle = { dsseEnvelope, verificationMaterial: { certificate: { rawBytes: "AA==" } } };
  expect(readBundle(Buffer.from(JSON.stringify(bundle)))).toEqual({
    payloadType: inTotoMediaType,
    payload: Buffer.from("{}"),
    signatures: [Buffer.from([0])],
    hint: undefined,
  });
});

async function bundleOf({ signing, publicKey }: KeyPair, payload: Uint8Array): Promise<Uint8Array> {
  const signature = await signing.sign(preAuthEncoding(inTotoMediaType, payload));
  return formatBundle(payload, signature, keyHint(publicKey));
}

function verifyBySigstore(bytes: Uint8Array, { publicKey }: KeyPair): boolean {
  const bundle = bundleFromJSON(JSON.parse(Buffer.from(bytes).toString("utf8")));
  const root = { mediaType: "", tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] };
  const rawBytes = publicKey.export({ type: "spki", format: "der" });
  const keys = {
    [keyHint(publicKey)]: { rawBytes, keyDetails: PublicKeyDetails.PUBLIC_KEY_DETAILS_UNSPECIFIED },
  };
  const verifier = new Verifier(toTrustMaterial(root, keys), { tlogThreshold: 0, timestampThreshold: 0 });
  try {
    return verifier.verify(toSignedEntity(bundle)) !== undefined;
  } catch {
    return false;
  }
}
