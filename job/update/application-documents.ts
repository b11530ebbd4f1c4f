import { PromoterError } from "../error.ts";
import { sourceText } from "../images/source-text.ts";
import { yamlDocuments } from "../images/yaml-documents.ts";
import { isObject } from "../oci/descriptor.ts";

/** Aliases that one document may follow: more than people write, and far less than an exploding document has. */
const mostAliases = 1_000;

/** What Argo CD and its Image Updater are told by. */
export interface ArgoObjects {
  readonly applications: readonly unknown[];
  /** Resources of the kind ImageUpdater. */
  readonly updaters: readonly unknown[];
}

/**
 * The Argo CD Applications of a YAML stream or of JSON, and ImageUpdaters beside them, also those in lists; whatever
 * else stands there is left out.
 *
 * @param name of the file, for messages.
 * @throws {PromoterError} `InvalidInput` for a text that cannot be read.
 */
export function applicationsIn(text: string, name: string): ArgoObjects {
  const source = sourceText(text, name);
  const objects: unknown[] = [];
  for (const { document } of yamlDocuments(source, { code: "InvalidInput", skip: holdsNone })) {
    try {
      objects.push(...objectsBelow(document.toJS({ maxAliasCount: mostAliases })));
    } catch (cause) {
      if (!(cause instanceof ReferenceError)) throw cause;
      throw new PromoterError("InvalidInput", `Aliases repeat too much of a document in ${name}`, { cause });
    }
  }
  return {
    applications: objects.filter((object) => isOf(object, "argoproj.io", "Application")),
    updaters: objects.filter((object) => isOf(object, "argocd-image-updater.argoproj.io", "ImageUpdater")),
  };
}

function holdsNone(text: string): boolean {
  return !text.includes("argoproj.io");
}

function objectsBelow(value: unknown): readonly unknown[] {
  const isList = isObject(value) && Array.isArray(value.items) && /List$/.test(String(value.kind));
  return isList && Array.isArray(value.items) ? value.items : [value];
}

function isOf(value: unknown, group: string, kind: string): boolean {
  if (!isObject(value) || typeof value.apiVersion !== "string") return false;
  return value.apiVersion.startsWith(`${group}/`) && value.kind === kind;
}
