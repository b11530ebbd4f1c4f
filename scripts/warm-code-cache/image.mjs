import { createHash } from "node:crypto";

/** More than the program takes for a small blob, so that it is read and sent as layers are. */
const layerBytes = 5 * 1024 * 1024;

/**
 * Makes an image for two platforms, and a signature that refers to it: `blobs` and `manifests` by digest, and the
 * `digest` of the index.
 */
export function makeImage() {
  const blobs = new Map();
  const manifests = new Map();
  const add = (contents, mediaType, content) => {
    const digest = digestOf(content);
    contents.set(digest, content);
    return { mediaType, digest, size: content.length };
  };
  const addManifest = (kind, fields) => {
    const mediaType = `application/vnd.oci.image.${kind}.v1+json`;
    return add(manifests, mediaType, Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...fields })));
  };

  const platforms = ["amd64", "arm64"].map((architecture, at) => {
    const platform = { os: "linux", architecture };
    const config = add(
      blobs,
      "application/vnd.oci.image.config.v1+json",
      Buffer.from(JSON.stringify(platform)),
    );
    const layers = [20_000, layerBytes].map((size) =>
      add(blobs, "application/vnd.oci.image.layer.v1.tar", Buffer.alloc(size + at, architecture)),
    );
    return { ...addManifest("manifest", { config, layers }), platform };
  });
  const subject = addManifest("index", { manifests: platforms });

  const config = add(blobs, "application/vnd.oci.empty.v1+json", Buffer.from("{}"));
  const layers = [add(blobs, "text/plain", Buffer.from("signed"))];
  addManifest("manifest", { artifactType: "application/vnd.example.signature", config, layers, subject });
  return { digest: subject.digest, blobs, manifests };
}

export function digestOf(content) {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
