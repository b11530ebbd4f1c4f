import { isMap } from "yaml";
import type { YamlReader } from "./yaml-reader.ts";

/** What an object says of itself. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `Deployment prod/web`. */
  readonly description: string;
}

/** The object that a mapping is, or undefined when it has no apiVersion and kind. */
export function objectOf(
  fields: ReadonlyMap<string, unknown>,
  reader: YamlReader,
): KubernetesObject | undefined {
  const apiVersion = reader.textOf(fields.get("apiVersion"));
  const kind = reader.textOf(fields.get("kind"));
  if (!apiVersion || !kind) return undefined;
  return { apiVersion, kind, description: describe(kind, fields.get("metadata"), reader) };
}

/** The API group; empty for the core group. */
export function groupOf({ apiVersion }: KubernetesObject): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** True for the groups of Kubernetes itself that hold workloads: their API server refuses a container without an image. */
export function isBuiltIn(object: KubernetesObject): boolean {
  return !groupOf(object).includes(".");
}

/**
 * True where what looks like a pod spec is none: data, schemas, the patterns of policies, and the values that an Argo CD
 * Application hands to another sync.
 */
export function holdsNoPods(object: KubernetesObject): boolean {
  const group = groupOf(object);
  if (group === "") return object.kind === "ConfigMap" || object.kind === "Secret";
  if (group === "argoproj.io") return ["Application", "ApplicationSet", "AppProject"].includes(object.kind);
  return (
    group === "apiextensions.k8s.io" ||
    group === "admissionregistration.k8s.io" ||
    /(?:^|\.)(?:kyverno\.io|gatekeeper\.sh)$/.test(group)
  );
}

function describe(kind: string, metadata: unknown, reader: YamlReader): string {
  const value = reader.follow(metadata);
  if (!isMap(value)) return kind;
  const fields = reader.fieldsOf(value);
  const namespace = reader.textOf(fields.get("namespace"));
  const generated = reader.textOf(fields.get("generateName"));
  const name = reader.textOf(fields.get("name")) ?? (generated && `${generated}*`);
  if (!name) return kind;
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}
