/** The template of an object. */
export interface ObjectTemplate {
  /** Inside `templates/`. */
  readonly path: string;
  /** The name under which the chart knows it. */
  readonly name: string;
  /** The file that it is rendered to. */
  readonly file: string;
}

/** The templates of objects, in the order in which they are needed: what the Job needs goes before it. */
export const objectTemplates: readonly ObjectTemplate[] = [
  "service-account",
  "role",
  "role-binding",
  "config-map",
  "job",
  "cron-job",
  "extra-objects",
].map((file) => ({ path: `kubernetes/${file}.yaml.hbs`, name: camelCase(file), file: `${file}.yaml` }));

/** Those of services, which are installed once and belong to no application. */
export const serviceTemplates: readonly ObjectTemplate[] = [
  "serve/service-account",
  "serve/role",
  "serve/role-binding",
  "serve/cluster-role",
  "serve/cluster-role-binding",
  "serve/config-map",
  "serve/issuer",
  "serve/certificate",
  "serve/service",
  "serve/deployment",
  "serve/pod-disruption-budget",
  "serve/network-policy",
  "serve/service-monitor",
  "serve/mutating-webhook",
  "serve/validating-webhook",
  "update/service-account",
  "update/cluster-role",
  "update/cluster-role-binding",
  "update/config-map",
  "update/deployment",
  "update/cron-job",
].map((file) => ({
  path: `${file}.yaml.hbs`,
  name: camelCase(file.replace("/", "-")),
  file: `${file}.yaml`,
}));

/** The templates that others include. */
export const partials: readonly string[] = [
  "jobSpec",
  "podSpec",
  "environment",
  "sharedEnvironment",
  "processEnvironment",
  "serviceEnvironment",
  "placement",
  "mounts",
  "volumes",
  "caVolume",
  "webhookCall",
  "updatePod",
];

/** The path of a partial: `jobSpec` is `_job-spec.yaml.hbs`. */
export function partialPath(name: string): string {
  return `kubernetes/_${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.yaml.hbs`;
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
