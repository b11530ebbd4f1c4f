import { PromoterError } from "../error.ts";
import { sourceText } from "../images/source-text.ts";
import { yamlDocuments } from "../images/yaml-documents.ts";
import type { Fields } from "./fields.ts";

/**
 * Reads `PATH=VALUE`: `job.backoffLimit=3`, `images=[a, b]`. The value is YAML; a dot that belongs to a name is written
 * `\.`.
 *
 * @throws {PromoterError} `Usage`
 */
export function parseAssignment(text: string): Fields {
  const [whole, path, value] = /^((?:[^=\\]|\\.)+)=(.*)$/s.exec(text) ?? [];
  const names = path?.split(/(?<!\\)\./).map((name) => name.replaceAll(/\\(.)/g, "$1"));
  if (whole === undefined || names === undefined || names.includes("")) {
    throw new PromoterError("Usage", `Cannot read the value ${JSON.stringify(text.slice(0, 100))}`, {
      hint: "Write --set PATH=VALUE: --set job.backoffLimit=3",
    });
  }
  return names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), plainValue(value ?? "")) as Fields;
}

function plainValue(text: string): unknown {
  if (text.trim() === "") return "";
  const [yaml] = yamlDocuments(sourceText(text, "--set"), { code: "Usage" });
  return yaml?.document.toJS();
}
