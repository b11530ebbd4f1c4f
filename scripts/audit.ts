import { execFile } from "node:child_process";
import process from "node:process";
import { z } from "zod";

/** What `npm audit --json` prints: a report, or that there is none. */
const auditOutput = z.union([
  z.object({
    auditReportVersion: z.number(),
    vulnerabilities: z.record(z.string(), z.object({ severity: z.string(), range: z.string() })),
  }),
  z.object({ message: z.string() }),
]);

/** How an audit ended. `unavailable`: nobody could be asked, so nothing is known. */
export type AuditVerdict =
  | { readonly kind: "clean" }
  | { readonly kind: "vulnerable"; readonly findings: readonly string[] }
  | { readonly kind: "unavailable"; readonly reason: string };

/** Reads what `npm audit --json` printed. Whatever is no report counts as unavailable, never as clean. */
export function readAudit(output: string): AuditVerdict {
  const parsed = auditOutput.safeParse(parseJson(output));
  if (!parsed.success) return { kind: "unavailable", reason: "npm printed no report" };
  // Errors name the registry that was asked, which is nobody's business in a log.
  if ("message" in parsed.data) {
    return { kind: "unavailable", reason: parsed.data.message.replace(/https?:\/\/\S+/g, "the registry") };
  }
  const findings = Object.entries(parsed.data.vulnerabilities)
    .map(([name, { severity, range }]) => `${severity}: ${name} ${range}`)
    .sort();
  return findings.length === 0 ? { kind: "clean" } : { kind: "vulnerable", findings };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Standard output, whatever the exit code: npm's says whether there were findings, and so does its report. */
function askNpm(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const shell = process.platform === "win32";
  execFile(
    "npm",
    ["audit", "--omit=dev", "--json"],
    { shell, maxBuffer: 64 * 1024 * 1024 },
    (_error, stdout) => resolve(stdout),
  );
  return promise;
}

if (import.meta.main) {
  const verdict = readAudit(await askNpm());
  if (verdict.kind === "clean") {
    console.log("No known vulnerability in what is shipped");
  } else if (verdict.kind === "vulnerable") {
    console.error(`Known vulnerabilities in what is shipped:\n${verdict.findings.join("\n")}`);
    process.exitCode = 1;
  } else {
    const isRequired = process.env.REQUIRE_AUDIT === "1";
    console.error(`!! NOT AUDITED: no advisories could be asked for (${verdict.reason})`);
    if (isRequired) process.exitCode = 1;
  }
}
