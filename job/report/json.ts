import { escapeInsideQuotes, isUnsafeForTerminal } from "./terminal-text.ts";

/** The report as JSON for programs, indented by two, with every character that a terminal would act upon escaped. */
export function formatJson(report: object): string {
  return `${escapeInsideQuotes(JSON.stringify(report, undefined, 2))}\n`;
}

/** The same on one line, without its end: for reports that follow each other. */
export function formatJsonLine(report: object): string {
  return escapeInsideQuotes(JSON.stringify(report));
}

/** The same as YAML. The package is loaded when first wanted. */
export async function formatYaml(report: object): Promise<string> {
  const { Document, visit } = await import("yaml");
  const document = new Document(report, { aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      // Only in double quotes can a character be written as an escape.
      if (typeof node.value === "string" && isUnsafeForTerminal(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return escapeInsideQuotes(document.toString({ lineWidth: 0 }));
}
