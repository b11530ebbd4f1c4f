import { formatJson, formatYaml } from "./json.ts";

/** How a result is written. */
export type ResultFormat = "text" | "json" | "yaml" | "markdown";

/** The forms of one result; only the one that is wanted is made. */
export interface ResultForms {
  /** For programs, as JSON and as YAML. */
  readonly document: () => object;
  readonly text: () => string;
  readonly markdown: () => string;
}

/** A result in the wanted format. */
export async function formatted(
  format: ResultFormat,
  { document, text, markdown }: ResultForms,
): Promise<string> {
  switch (format) {
    case "json":
      return formatJson(document());
    case "yaml":
      return formatYaml(document());
    case "markdown":
      return markdown();
    case "text":
      return text();
  }
}
