import type { ManifestObject } from "./manifest-object.ts";
import { fieldOf, listField, textField } from "./plain-value.ts";

/** An object without which a pod cannot start. */
export interface Need {
  readonly kind: "ServiceAccount" | "ConfigMap" | "Secret" | "PersistentVolumeClaim";
  readonly name: string;
}

/**
 * The pod specification of an object whose pods run once, when a hook is applied; null for other kinds.
 *
 * {@link https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/#JobSpec}
 */
export function podSpecOf({ kind, value }: Pick<ManifestObject, "kind" | "value">): unknown {
  if (kind === "Pod") return fieldOf(value, "spec");
  if (kind === "CronJob") return fieldOf(value, "spec", "jobTemplate", "spec", "template", "spec");
  return fieldOf(value, "spec", "template", "spec");
}

/** Its containers, those that run first included. */
export function containersOf(podSpec: unknown): readonly unknown[] {
  return [...listField(podSpec, "initContainers"), ...listField(podSpec, "containers")];
}

/** Whatever a pod names that has to be there, each once; what it marks as optional is left out. */
export function needsOf(podSpec: unknown): readonly Need[] {
  const account = textField(podSpec, "serviceAccountName") ?? textField(podSpec, "serviceAccount");
  const needs = [
    // Every namespace has this one.
    ...(account === undefined || account === "default"
      ? []
      : [{ kind: "ServiceAccount" as const, name: account }]),
    ...listField(podSpec, "imagePullSecrets").flatMap((secret) => need("Secret", fieldOf(secret, "name"))),
    ...listField(podSpec, "volumes").flatMap(volumeNeeds),
    ...containersOf(podSpec).flatMap(environmentNeeds),
  ];
  return [...new Map(needs.map((one) => [`${one.kind}/${one.name}`, one])).values()];
}

function volumeNeeds(volume: unknown): Need[] {
  return [
    ...reference("ConfigMap", fieldOf(volume, "configMap"), "name"),
    ...reference("Secret", fieldOf(volume, "secret"), "secretName"),
    ...reference("PersistentVolumeClaim", fieldOf(volume, "persistentVolumeClaim"), "claimName"),
    ...listField(volume, "projected", "sources").flatMap((source) => [
      ...reference("ConfigMap", fieldOf(source, "configMap"), "name"),
      ...reference("Secret", fieldOf(source, "secret"), "name"),
    ]),
  ];
}

function environmentNeeds(container: unknown): Need[] {
  return [
    ...listField(container, "envFrom").flatMap((source) => [
      ...reference("ConfigMap", fieldOf(source, "configMapRef"), "name"),
      ...reference("Secret", fieldOf(source, "secretRef"), "name"),
    ]),
    ...listField(container, "env").flatMap((entry) => [
      ...reference("ConfigMap", fieldOf(entry, "valueFrom", "configMapKeyRef"), "name"),
      ...reference("Secret", fieldOf(entry, "valueFrom", "secretKeyRef"), "name"),
    ]),
  ];
}

function reference(kind: Need["kind"], value: unknown, field: string): Need[] {
  return fieldOf(value, "optional") === true ? [] : need(kind, fieldOf(value, field));
}

function need(kind: Need["kind"], name: unknown): Need[] {
  return typeof name === "string" && name !== "" ? [{ kind, name }] : [];
}
