import type { Check } from "../promotion/examine.ts";
import { painter } from "./color.ts";
import { formatJson, formatYaml } from "./json.ts";
import { escapeForTerminal } from "./terminal-text.ts";

const marks = { ok: "✓", warning: "!", failed: "✗" } as const;
const styles = { ok: "green", warning: "yellow", failed: "red" } as const;

/** What `doctor` found, as text for people or as a document of kind `Diagnosis`. */
export async function formatChecks(
  checks: readonly Check[],
  format: "text" | "json" | "yaml" | "markdown",
  color: boolean,
): Promise<string> {
  const document = { apiVersion: "image-promoter/v1", kind: "Diagnosis", checks };
  switch (format) {
    case "json":
      return formatJson(document);
    case "yaml":
      return formatYaml(document);
    case "markdown":
    case "text":
      return formatText(checks, color);
  }
}

function formatText(checks: readonly Check[], color: boolean): string {
  const paint = painter(color);
  const lines = checks.flatMap(({ side, subject, status, message, hint }) => [
    `${paint(styles[status], marks[status])} ${side === undefined ? "" : `${side} `}${escapeForTerminal(subject)}: ${escapeForTerminal(message)}`,
    ...(hint === undefined ? [] : [`    ${escapeForTerminal(hint)}`]),
  ]);
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const summary = `${checks.length} checks: ${count("ok")} ok, ${count("warning")} warnings, ${count("failed")} failed`;
  return `${[...lines, paint("bold", summary)].join("\n")}\n`;
}
