import { PromoterError } from "../../error.ts";
import { formatReference } from "../../oci/reference.ts";
import type { GateCandidate, GateVerdict } from "../../promotion/gate.ts";
import type { SignatureDefect } from "./defect.ts";

/** Reasons that fit into a message; the rest is counted. */
const maxReasons = 5;

/** What the gate says of an image that none of its signatures lets pass. */
export function refusalOf(
  candidate: GateCandidate,
  defects: readonly SignatureDefect[],
  mostSignatures: number,
): GateVerdict {
  const { host, repository } = candidate.from;
  const { digest } = candidate.root.manifest.descriptor;
  const name = formatReference({ host, repository, digest });
  const signatures = defects.filter(({ claimed }) => claimed);
  const detail = detailOf(signatures, defects.length - signatures.length, defects.length >= mostSignatures);
  const refusal = new PromoterError("SignatureRequired", `Refused ${name}: ${detail}`, {
    side: candidate.source === undefined ? "destination" : "source",
    hint: `See what is there with: cosign tree ${name}; sign with: cosign sign --key cosign.key ${name}`,
  });
  return { gate: "signature", detail, findings: [], refusal };
}

function detailOf(signatures: readonly SignatureDefect[], others: number, cut: boolean): string {
  const beside =
    others === 0
      ? ""
      : `; ${others} ${others === 1 ? "attestation says" : "attestations say"} something else`;
  if (signatures.length === 0) return `it has no signature${beside}`;
  const reasons = signatures
    .slice(0, maxReasons)
    .map(({ message }, position) => `${position + 1}. ${message}`);
  const more = signatures.length > maxReasons ? `; and ${signatures.length - maxReasons} more` : "";
  const stopped = cut ? ", and no more were looked at" : "";
  const count =
    signatures.length === 1 ? "its signature was not" : `none of its ${signatures.length} signatures was`;
  return `${count} accepted${stopped}: ${reasons.join("; ")}${more}${beside}`;
}
