import { allDone } from "../async/all-done.ts";
import type { PromoterError } from "../error.ts";
import type { ContentReader, Waiting } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";
import type { Attachment } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";
import type { GateFinding, GateName } from "./report.ts";

/** An image that would be copied, or put under a tag, before anything of it is written. */
export interface GateCandidate {
  /** Its destination reference, as it was asked for. */
  readonly destination: Reference;
  /** Where it was found; undefined when it is at the destination already and no source has it any more. */
  readonly source: Reference | undefined;
  /** The repository to ask about it: the source's, else the destination's. */
  readonly from: ContentReader;
  /** What is to be promoted, digest for digest. */
  readonly root: ManifestNode;
  /** What goes along; empty when attachments are left behind. */
  readonly attachments: readonly Attachment[];
}

/** What a gate says of an image. */
export interface GateVerdict {
  readonly gate: GateName;
  /** One line: what was proven and by what, or what is missing. */
  readonly detail: string;
  readonly findings: readonly GateFinding[];
  /** Why the image must not be promoted; undefined when it may. */
  readonly refusal?: PromoterError;
}

/** Decides whether an image may be promoted. It stands after the plan and before the first write. */
export interface Gate {
  /** @throws {PromoterError} when nobody can say; temporary where trying later may help. Then the image is not promoted. */
  check(candidate: GateCandidate, options: Waiting): Promise<GateVerdict>;
}

/** Asks all gates at the same time. */
export async function askGates(
  gates: readonly Gate[],
  candidate: GateCandidate,
  options: Waiting,
): Promise<readonly GateVerdict[]> {
  return allDone(gates.map((gate) => gate.check(candidate, options)));
}
