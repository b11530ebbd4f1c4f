import { createHash } from "node:crypto";

/** More than what the program takes for a small blob, so that it is read and sent as layers are. */
const layerBytes = 5 * 1024 * 1024;

const types = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
};

/**
 * An image for two platforms, with a signature that refers to it: `blobs` and `manifests` are pairs of descriptor and
 * content, each after what it is made of.
 */
export function makeImage(seed) {
  const blobs = [];
  const manifests = [];
  const put = (list, mediaType, content, more = {}) => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    const descriptor = { mediaType, digest, size: content.length, ...more };
    list.push({ descriptor, content });
    return descriptor;
  };
  const json = (value) => Buffer.from(JSON.stringify({ schemaVersion: 2, ...value }));
  const manifest = (config, layers, more = {}) => json({ mediaType: types.manifest, config, layers, ...more });

  const platforms = ["amd64", "arm64"].map((architecture) => {
    const platform = { os: "linux", architecture };
    const config = put(blobs, types.config, json({ ...platform, seed, rootfs: { type: "layers" } }));
    const sizes = architecture === "amd64" ? [layerBytes, 20_000] : [20_000];
    const layers = sizes.map((size) => put(blobs, types.layer, Buffer.alloc(size, `${seed} ${architecture} `)));
    return put(manifests, types.manifest, manifest(config, layers), { platform });
  });
  const index = put(manifests, types.index, json({ mediaType: types.index, manifests: platforms }));

  const artifactType = "application/vnd.example.signature";
  const empty = put(blobs, "application/vnd.oci.empty.v1+json", Buffer.from("{}"));
  const signature = put(blobs, artifactType, Buffer.from(`signature of ${seed}`));
  const { mediaType, digest, size } = index;
  const subject = { mediaType, digest, size };
  put(manifests, types.manifest, manifest(empty, [signature], { artifactType, subject }), { artifactType });
  return { index, blobs, manifests };
}
