import type { Descriptor } from "../oci/descriptor.ts";
import type { Manifest } from "../oci/manifest.ts";

/** A manifest with all that it names. */
export interface ManifestNode {
  readonly manifest: Manifest;
  /** Members of an index that the destination lacks, or may lack. Empty where the node is `present`. */
  readonly children: readonly ManifestNode[];
  /** Config and layers; empty where the node is `present`. */
  readonly blobs: readonly Descriptor[];
  /** The descriptors of all members, also where the node is `present`. */
  readonly members: readonly Descriptor[];
  /** The destination said that it has this manifest; a registry accepts none whose content it lacks. */
  readonly present: boolean;
}
