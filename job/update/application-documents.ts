import { PromoterError } from "../error.ts";
import { sourceText } from "../images/source-text.ts";
import { yamlDocuments } from "../images/yaml-documents.ts";
import { isObject } from "../oci/descriptor.ts";

/** Aliases that one document may follow: more than people write, and far less than an exploding document has. */
const mostAliases = 1_000;

/**
 * The Argo CD Applications of a YAML stream or of JSON, lists of them among it; whatever else stands there is left out.
 *
 * @param name of the file, for messages.
 * @throws {PromoterError} `InvalidInput` for a text that cannot be read.
 */
export function applicationsIn(text: string, name: string): readonly unknown[] {
  const source = sourceText(text, name);
  const applications: unknown[] = [];
  for (const { document } of yamlDocuments(source, { code: "InvalidInput", skip: holdsNone })) {
    try {
      applications.push(...applicationsBelow(document.toJS({ maxAliasCount: mostAliases })));
    } catch (cause) {
      if (!(cause instanceof ReferenceError)) throw cause;
      throw new PromoterError("InvalidInput", `Aliases repeat too much of a document in ${name}`, { cause });
    }
  }
  return applications;
}

/** True for an Application of Argo CD, whatever else it holds. */
export function isApplication(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { apiVersion, kind } = value;
  return typeof apiVersion === "string" && apiVersion.startsWith("argoproj.io/") && kind === "Application";
}

function holdsNone(text: string): boolean {
  return !text.includes("argoproj.io");
}

function applicationsBelow(value: unknown): readonly unknown[] {
  if (isApplication(value)) return [value];
  if (!isObject(value) || !Array.isArray(value.items) || !/List$/.test(String(value.kind))) return [];
  return value.items.filter(isApplication);
}
