import type { Digest } from "../../job/oci/digest.ts";
import type { StoredBlob } from "../emulator/blob.ts";
import { referrer, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image } from "../fixtures/image-fixture.ts";

/** An image of two platforms, each with an attestation, and an SBOM attached to it. */
const amd64 = image({ seed: 1, layers: [300_000] });
const arm64 = image({ seed: 2, layers: [2_000], platform: { os: "linux", architecture: "arm64" } });
export const app: ImageFixture = withAttestations([amd64, arm64]);
export const sbom: ImageFixture = referrer(app);

/** An image of one platform, whose tag at the destination stands for an older one. */
export const tool: ImageFixture = image({ seed: 3, layers: [1_500, 800] });

/** What production runs already. */
export const olderApp: ImageFixture = image({ seed: 4, layers: [700] });
export const olderTool: ImageFixture = image({ seed: 5, layers: [600] });

/** The manifest of the platform whose layer is the largest blob by far, and its bytes. */
export const child: Digest = amd64.descriptor.digest;
export const childBytes: number = amd64.descriptor.size;
export const layer: StoredBlob = largest(amd64.blobs);

function largest(blobs: readonly StoredBlob[]): StoredBlob {
  const [first] = blobs.toSorted((one, other) => other.size - one.size);
  if (first === undefined) throw new Error("The image has no blob");
  return first;
}
