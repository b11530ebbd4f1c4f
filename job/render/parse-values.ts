import { sourceText } from "../images/source-text.ts";
import { yamlDocuments } from "../images/yaml-documents.ts";
import { YamlReader } from "../images/yaml-reader.ts";
import { type Fields, isFields } from "./fields.ts";
import { plainOf } from "./hooks/plain-value.ts";

/**
 * Reads a values.yaml; an empty one has no values.
 *
 * @throws {PromoterError} `InvalidConfiguration` with `source:line:column` when it is no YAML, or no mapping.
 */
export function parseValues(text: string, source: string): Fields {
  const [yaml, second] = [...yamlDocuments(sourceText(text, source), { code: "InvalidConfiguration" })];
  if (yaml === undefined) return {};
  const reader = new YamlReader(yaml, "InvalidConfiguration");
  const values = plainOf(yaml.document.contents, reader) ?? {};
  const hint = "Write values as in the chart's values.yaml";
  if (second !== undefined)
    throw reader.fault(yaml.document.contents, "Values are one document, and these are several", hint);
  if (!isFields(values))
    throw reader.fault(yaml.document.contents, "Values are a mapping, and this is none", hint);
  return values;
}
