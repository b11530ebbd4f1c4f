import { createHash } from "node:crypto";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { bytesBlob, type StoredBlob } from "../emulator/blob.ts";
import {
  describe,
  type ImageFixture,
  image,
  index,
  jsonBlob,
  manifestOf,
} from "../fixtures/image-fixture.ts";
import { seededBytes } from "../fixtures/layer-archive.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar";

/** An image manifest with an empty list of layers, such as `FROM scratch` with nothing but labels. */
export function layerless(): ImageFixture {
  return imageOf([], []);
}

/** An image with a layer of another host's, which no registry keeps. */
export function foreignLayer(): ImageFixture {
  const foreign = {
    ...describe("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", bytesBlob(seededBytes(64, 7))),
    urls: ["https://layers.example.com/windows-base"],
  };
  const own = bytesBlob(seededBytes(500, 8));
  return imageOf([foreign, describe(layerType, own)], [own]);
}

/** An image whose layer is named by its sha512, under a manifest named by sha256. */
export function sha512Layer(): ImageFixture {
  const layer = sha512Blob(seededBytes(500, 9));
  return imageOf([describe(layerType, layer)], [layer]);
}

/** An index that names its only member by sha512. */
export function sha512Manifest(): ImageFixture {
  const { manifests, blobs } = image({ seed: 10 });
  const members = manifests.map(({ descriptor, bytes }) => ({
    descriptor: { ...descriptor, digest: sha512Blob(bytes).digest },
    bytes,
  }));
  const root = manifestOf(mediaTypes.ociIndex, { manifests: members.map(({ descriptor }) => descriptor) });
  return { descriptor: root.descriptor, manifests: [...members, root], blobs };
}

/** An index with a member of a media type that is nobody's, which the specification allows. */
export function unknownMember(): ImageFixture {
  const odd = manifestOf("application/vnd.example.manifest.v1+json", { note: "opaque" });
  return index([image({ seed: 11 }), { descriptor: odd.descriptor, manifests: [odd], blobs: [] }]);
}

function imageOf(layers: readonly object[], blobs: readonly StoredBlob[]): ImageFixture {
  const config = jsonBlob({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [] },
    config: { Labels: { layers: String(layers.length) } },
  });
  const manifest = manifestOf(mediaTypes.ociManifest, {
    config: describe(mediaTypes.ociConfig, config),
    layers,
  });
  return { descriptor: manifest.descriptor, manifests: [manifest], blobs: [config, ...blobs] };
}

function sha512Blob(bytes: Uint8Array): StoredBlob {
  return { ...bytesBlob(bytes), digest: `sha512:${createHash("sha512").update(bytes).digest("hex")}` };
}
