import { PromoterError } from "../error.ts";
import type { GateVerdict } from "../promotion/gate.ts";
import type { GateFinding } from "../promotion/report.ts";
import { type ScanFinding, type Severity, severities } from "./image-scan.ts";

/** What may be in an image. */
export interface ScanRules {
  /** The highest severity that may pass; `NONE` lets no finding pass. */
  readonly highest: Severity | "NONE";
  /** Findings that may be of any severity: their ids, in any case of letters. */
  readonly ignore: readonly string[];
}

/** More of them in a line tell nobody more; the report has all. */
const namedAtMost = 5;

/** Decides by what the scans of all of an image's manifests have found. */
export function judgeFindings(
  scans: readonly (readonly ScanFinding[])[],
  { highest, ignore }: ScanRules,
): GateVerdict {
  const ignored = new Set(ignore.map((id) => id.toUpperCase()));
  const findings = merge(scans.flat());
  const isIgnored = ({ id, suppressed }: ScanFinding) => suppressed || ignored.has(id.toUpperCase());
  const tooSevere = findings.filter(({ severity }) => exceeds(severity, highest));
  const refused = tooSevere.filter((finding) => !isIgnored(finding));
  const reported = tooSevere.map((finding) => gateFinding(finding, isIgnored(finding)));
  const detail = `${countsOf(findings)} in ${scans.length === 1 ? "1 manifest" : `${scans.length} manifests`}`;
  if (refused.length > 0) {
    return { gate: "scan", detail, findings: reported, refusal: refusal(refused, highest) };
  }
  const passed = tooSevere.length;
  return {
    gate: "scan",
    detail: passed === 0 ? detail : `${detail}, ${passed} of them ignored`,
    findings: reported,
  };
}

function exceeds(severity: Severity, highest: ScanRules["highest"]): boolean {
  return highest === "NONE" || severities.indexOf(severity) < severities.indexOf(highest);
}

/** Each vulnerability once, as severe as it is anywhere, the worst first. One that counts anywhere is not suppressed. */
function merge(findings: readonly ScanFinding[]): readonly ScanFinding[] {
  const merged = new Map<string, ScanFinding>();
  for (const finding of findings) {
    const known = merged.get(finding.id);
    merged.set(finding.id, known === undefined ? finding : both(known, finding));
  }
  const order = ({ severity }: ScanFinding) => severities.indexOf(severity);
  return [...merged.values()].sort((a, b) => order(a) - order(b) || compareText(a.id, b.id));
}

function both(one: ScanFinding, other: ScanFinding): ScanFinding {
  const worse = severities.indexOf(one.severity) <= severities.indexOf(other.severity) ? one : other;
  return {
    id: one.id,
    severity: worse.severity,
    packages: [...new Set([...one.packages, ...other.packages])],
    fixedIn: [...new Set([...one.fixedIn, ...other.fixedIn])],
    suppressed: one.suppressed && other.suppressed,
  };
}

function gateFinding({ id, severity, packages, fixedIn }: ScanFinding, ignored: boolean): GateFinding {
  return {
    id,
    severity,
    ignored,
    ...(packages.length > 0 && { subject: packages.join(", ") }),
    ...(fixedIn.length > 0 && { fixedIn: fixedIn.join(", ") }),
  };
}

/** `2 CRITICAL, 1 HIGH findings`. */
function countsOf(findings: readonly ScanFinding[]): string {
  const counts = severities.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}`];
  });
  if (counts.length === 0) return "no findings";
  return `${counts.join(", ")} ${findings.length === 1 ? "finding" : "findings"}`;
}

function refusal(refused: readonly ScanFinding[], highest: ScanRules["highest"]): PromoterError {
  const named = refused.slice(0, namedAtMost).map(({ id, severity, packages: [first] }) => {
    return `${id} (${[severity, first].filter(Boolean).join(", ")})`;
  });
  const more = refused.length - named.length;
  const list = more > 0 ? `${named.join(", ")} and ${more} more` : named.join(", ");
  const limit = highest === "NONE" ? "no finding may pass" : `${highest} is the highest that may pass`;
  const mendable = refused.some(({ fixedIn }) => fixedIn.length > 0);
  return new PromoterError("VulnerabilitiesFound", `Scans found ${list}; ${limit}`, {
    side: "source",
    hint: `${mendable ? "Rebuild the image with the versions that mend them" : "Rebuild the image without what they are in"}, or accept a finding by its name: --ignore-finding ${refused[0]?.id}`,
  });
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
