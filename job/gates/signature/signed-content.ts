import type { Bundle } from "@sigstore/bundle";
import type { Digest } from "../../oci/digest.ts";
import type { Manifest } from "../../oci/manifest.ts";

/** What a signature was made over, whatever its form. The content is known to name the image; nothing is proven yet. */
export interface SignedContent {
  readonly form: "simple signing" | "sigstore bundle";
  /** The bytes that were signed. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  /** What proves who signed without a key; undefined where there is no certificate. */
  readonly certified?: CertifiedContent;
}

export interface CertifiedContent {
  readonly bundle: Bundle;
  /** What a message signature is over; a DSSE envelope brings it along. */
  readonly artifact?: Buffer;
}

/** The image that a signature has to name. */
export interface SignedImage {
  readonly digest: Digest;
  readonly manifest: Manifest;
}
