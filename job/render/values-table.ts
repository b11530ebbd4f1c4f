import { documentedValues } from "./values-schema.ts";

/** The table of values in the chart's README. */
export function valuesTable(): string {
  const rows = documentedValues()
    .filter((value) => "fallback" in value)
    .map(({ path, type, fallback, description }) =>
      [`\`${path.join(".")}\``, type, `\`${JSON.stringify(fallback)}\``, description].map(cell).join(" | "),
    );
  return [
    "| value | type | default | what it is |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
