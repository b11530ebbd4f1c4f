import type { ErrorCode } from "../error.ts";
import type { ImageReport, PromotionReport } from "../promotion/report.ts";
import { sharedHost, shortName } from "./short-name.ts";
import { summaryLine } from "./summary-line.ts";
import { escapeForTerminal } from "./terminal-text.ts";
import { cutToBytes, utf8Length } from "./utf8.ts";

/** {@link https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/} */
const maxBytes = 4096;
interface Fault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** One long message must not crowd out the others. */
const maxEntryBytes = 1024;

/**
 * What Kubernetes keeps of a container that has ended: failures first, then warnings, the summary at the end. At most
 * 4,096 bytes of UTF-8; what does not fit is counted, the summary always fits.
 */
export function terminationMessage(report: PromotionReport): string {
  const host = sharedHost(report.images);
  const name = (image: ImageReport) => escapeForTerminal(shortName(image, host));
  const failures = report.images.flatMap((image) =>
    image.error === undefined ? [] : [`FAILED ${name(image)} ${errorText(image.error)}`],
  );
  const warnings = report.images.flatMap((image) =>
    image.warnings.map((warning) => `WARNING ${name(image)}: ${escapeForTerminal(warning)}`),
  );
  return withinLimit([...failures, ...warnings], summaryLine(report));
}

/** The same where there is no report, because the command itself could not do its work. */
export function errorTerminationMessage(error: Fault): string {
  return cutToBytes(`FAILED ${errorText(error)}\n`, maxBytes);
}

function errorText(error: Fault): string {
  const hint = error.hint === undefined ? "" : `\n  ${escapeForTerminal(error.hint)}`;
  return `${error.code}: ${escapeForTerminal(error.message)}${hint}`;
}

function withinLimit(entries: readonly string[], summary: string): string {
  const end = `${summary}\n`;
  let room = maxBytes - utf8Length(end) - utf8Length(`… and ${entries.length} more\n`);
  const lines: string[] = [];
  for (const entry of entries) {
    const line = `${cutToBytes(entry, maxEntryBytes)}\n`;
    room -= utf8Length(line);
    if (room < 0) break;
    lines.push(line);
  }
  const left = entries.length - lines.length;
  return `${lines.join("")}${left > 0 ? `… and ${left} more\n` : ""}${end}`;
}
