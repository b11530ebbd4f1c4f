import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { extendReferrersIndex, readReferrersIndex } from "../../job/registry/referrers-index.ts";
import { manifestOf } from "./open-test-registry.ts";

function referrer(name: string, extra: Partial<Descriptor> = {}): Descriptor {
  const digest = digestOf(new TextEncoder().encode(name));
  return { mediaType: mediaTypes.ociManifest, digest, size: name.length, ...extra };
}

const signature = referrer("signature", { artifactType: "application/vnd.sig", annotations: { by: "ci" } });
const sbom = referrer("sbom", { artifactType: "application/spdx+json" });

describe("extendReferrersIndex", () => {
  it("begins an index whose bytes do not depend on the order", () => {
    const one = extendReferrersIndex(undefined, [signature, sbom]);
    const other = extendReferrersIndex(undefined, [sbom, signature, sbom]);
    expect(one?.bytes).toEqual(other?.bytes);
    expect(one?.descriptor).toEqual({
      mediaType: mediaTypes.ociIndex,
      digest: digestOf(one?.bytes ?? new Uint8Array()),
      size: one?.bytes.length,
    });
    expect(readReferrersIndex(one?.bytes ?? new Uint8Array())).toEqual(
      [signature, sbom].sort((a, b) => (a.digest < b.digest ? -1 : 1)),
    );
  });

  it("is not needed when nothing is missing", () => {
    expect(extendReferrersIndex(extendReferrersIndex(undefined, [signature]), [signature])).toBeUndefined();
  });

  it("keeps what stands there: order, unknown fields, foreign entries", () => {
    const foreign = { ...referrer("foreign"), data: "Zm9yZWlnbg==" };
    const current = manifestOf(
      {
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [foreign, sbom],
        annotations: { kept: "yes" },
      },
      mediaTypes.ociIndex,
    );
    const extended = extendReferrersIndex(current, [sbom, signature]);
    expect(JSON.parse(new TextDecoder().decode(extended?.bytes))).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [foreign, sbom, signature],
      annotations: { kept: "yes" },
    });
  });

  it("gives an entry the artifact type and annotations that it lacks", () => {
    const { artifactType: _, annotations: __, ...bare } = signature;
    const current = manifestOf({ schemaVersion: 2, manifests: [bare] }, mediaTypes.ociIndex);
    const extended = extendReferrersIndex(current, [signature]);
    expect(readReferrersIndex(extended?.bytes ?? new Uint8Array())).toEqual([signature]);
  });

  it.each(["", "[]", "null", '{"manifests":{}}', '{"manifests":[1]}'])("refuses %j as an index", (text) => {
    const current = { descriptor: signature, bytes: new TextEncoder().encode(text) };
    expect(() => extendReferrersIndex(current, [sbom])).toThrow(
      expect.objectContaining({ code: "ManifestInvalid" }),
    );
  });

  it("refuses to outgrow a manifest", () => {
    const large = referrer("large", { annotations: { text: "x".repeat(4 * 1024 * 1024) } });
    expect(() => extendReferrersIndex(undefined, [large])).toThrow(
      expect.objectContaining({ code: "ManifestTooLarge" }),
    );
  });
});
