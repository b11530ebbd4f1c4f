import type { GateReport, ImageReport } from "../promotion/report.ts";

/** Which gates an image has passed: `signature and scan passed`; undefined when it came to none, or not past all. */
export function passedGates({ gates = [] }: Pick<ImageReport, "gates">): string | undefined {
  if (gates.length === 0 || gates.some(({ passed }) => !passed)) return undefined;
  return `${gates.map(({ gate }) => gate).join(" and ")} passed`;
}

/** Gates with findings: what an image's error does not say already. */
export function gatesWithFindings({ gates = [] }: Pick<ImageReport, "gates">): readonly GateReport[] {
  return gates.filter(({ findings }) => findings.length > 0);
}

/** One finding in a line: `CRITICAL CVE-2026-1 in openssl 3.0.1, fixed in 3.0.2`. */
export function findingLine({
  severity,
  id,
  subject,
  fixedIn,
  ignored,
}: GateReport["findings"][number]): string {
  return [
    [severity, id, subject && `in ${subject}`].filter(Boolean).join(" "),
    ...(fixedIn === undefined ? [] : [`fixed in ${fixedIn}`]),
    ...(ignored ? ["ignored"] : []),
  ].join(", ");
}
