import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";

/** What both registries say of one image. */
export interface Findings {
  /** The digest that is wanted: the reference's own, else what the source's tag stands for; undefined when unknown. */
  readonly wanted: Digest | undefined;
  /** Whether the reference names a tag. */
  readonly tagged: boolean;
  /** What the destination's tag stands for. */
  readonly atTag: Descriptor | undefined;
  /** The wanted content at the destination, under whatever name. */
  readonly atDestination: Descriptor | undefined;
  readonly source: "not-asked" | "found" | "missing" | "unreachable";
}

export type Decision =
  | { readonly status: "up-to-date" | "kept" | "unknown" | "unreachable" }
  /** `moves` is the digest that the destination's tag leaves, where it stands for another one. */
  | { readonly status: "retagged" | "copied"; readonly moves?: Digest };

/** What is to be done about one image: the table of the promotion's semantics, row by row. */
export function decide(findings: Findings): Decision {
  const { wanted, tagged, atTag, atDestination, source } = findings;
  if (wanted === undefined) {
    // Only a tag without digest gets here: what it should be is known to the source alone.
    if (atTag !== undefined) return { status: "kept" };
    return { status: source === "unreachable" ? "unreachable" : "unknown" };
  }
  if (tagged ? atTag?.digest === wanted : atDestination !== undefined) return { status: "up-to-date" };
  const moves = atTag === undefined ? {} : { moves: atTag.digest };
  if (atDestination !== undefined) return { status: "retagged", ...moves };
  if (source === "found") return { status: "copied", ...moves };
  return { status: source === "unreachable" ? "unreachable" : "unknown" };
}
