import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { type Manifest, readManifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";

function manifest(content: string | object, mediaType: string = mediaTypes.ociManifest): Manifest {
  const bytes = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } };
}

function descriptor(name: string, mediaType = "application/vnd.oci.image.layer.v1.tar"): Descriptor {
  return { mediaType, digest: digestOf(Buffer.from(name)), size: name.length };
}

describe("readManifest", () => {
  const config = descriptor("config", mediaTypes.ociConfig);
  const layers = [descriptor("one"), descriptor("two")];

  it.each([mediaTypes.ociManifest, mediaTypes.dockerManifest])(
    "names config and layers of %s",
    (mediaType) => {
      const content = readManifest(manifest({ schemaVersion: 2, mediaType, config, layers }, mediaType));
      expect(content).toMatchObject({ manifests: [], blobs: [config, ...layers] });
    },
  );

  it.each([mediaTypes.ociIndex, mediaTypes.dockerList])("names the members of %s", (mediaType) => {
    const members = [
      {
        ...descriptor("arm", mediaTypes.ociManifest),
        platform: { os: "linux", architecture: "arm", variant: "v7" },
      },
    ];
    const content = readManifest(manifest({ schemaVersion: 2, mediaType, manifests: members }, mediaType));
    expect(content).toMatchObject({ manifests: members, blobs: [] });
  });

  it("reads subject, artifact type and annotations", () => {
    const subject = descriptor("subject", mediaTypes.ociManifest);
    const own = readManifest(
      manifest({ subject, artifactType: "a/b", annotations: { x: "y" }, config, layers: [] }),
    );
    expect(own).toMatchObject({ subject, artifactType: "a/b", annotations: { x: "y" } });
    expect(readManifest(manifest({ config, layers: [] })).artifactType).toBe(mediaTypes.ociConfig);
  });

  it("reads the blobs of the artifact manifest that OCI 1.1 has withdrawn", () => {
    const blobs = [descriptor("sbom")];
    const content = readManifest(manifest({ artifactType: "a/b", blobs }, mediaTypes.ociArtifact));
    expect(content.blobs).toEqual(blobs);
  });

  it("sets nondistributable layers apart", () => {
    const foreign = descriptor("w", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip");
    expect(readManifest(manifest({ config, layers: [foreign, ...layers] }))).toMatchObject({
      blobs: [config, ...layers],
      nondistributable: [foreign],
    });
  });

  it("takes an unknown media type as it is", () => {
    const opaque = manifest("not even json", "application/vnd.example+thing");
    expect(readManifest(opaque)).toEqual({ manifests: [], blobs: [], nondistributable: [] });
  });

  it.each([
    {
      why: "schema 1 by its type",
      it: manifest({}, mediaTypes.dockerSchema1Signed),
      code: "UnsupportedManifest",
    },
    { why: "schema 1 by its content", it: manifest({ fsLayers: [] }), code: "UnsupportedManifest" },
    {
      why: "another media type inside",
      it: manifest({ mediaType: mediaTypes.ociIndex }),
      code: "MediaTypeMismatch",
    },
    {
      why: "image and index at once",
      it: manifest({ config, layers, manifests: [] }),
      code: "MediaTypeMismatch",
    },
    {
      why: "index and image at once",
      it: manifest({ manifests: [], layers }, mediaTypes.ociIndex),
      code: "MediaTypeMismatch",
    },
    { why: "no JSON", it: manifest("{"), code: "ManifestInvalid" },
    { why: "no object", it: manifest("[]"), code: "ManifestInvalid" },
    {
      why: "bytes that are no UTF-8",
      it: { ...manifest({}), bytes: Uint8Array.of(0x7b, 0xff, 0x7d) },
      code: "ManifestInvalid",
    },
    { why: "layers that are no list", it: manifest({ layers: {} }), code: "ManifestInvalid" },
    {
      why: "a digest with a path in it",
      it: manifest({ layers: [{ ...layers[0], digest: "sha256:../../x" }] }),
      code: "ManifestInvalid",
    },
    {
      why: "a negative size",
      it: manifest({ layers: [{ ...layers[0], size: -1 }] }),
      code: "ManifestInvalid",
    },
    {
      why: "a size beyond all bounds",
      it: manifest({ layers: [{ ...layers[0], size: 1e300 }] }),
      code: "ManifestInvalid",
    },
    {
      why: "a size in words",
      it: manifest({ layers: [{ ...layers[0], size: "12" }] }),
      code: "ManifestInvalid",
    },
    {
      why: "no media type",
      it: manifest({ config: { ...config, mediaType: undefined } }),
      code: "ManifestInvalid",
    },
    { why: "a million members", it: manifest({ layers: Array(10_001).fill(0) }), code: "ManifestInvalid" },
  ])("refuses $why", ({ it: given, code }) => {
    expect(() => readManifest(given)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });
});
