/** The templates of objects, in the order in which they are needed: what the Job needs goes before it. */
export const objectTemplates: readonly {
  readonly path: string;
  readonly name: string;
  readonly file: string;
}[] = ["service-account", "role", "role-binding", "config-map", "job", "cron-job", "extra-objects"].map(
  (file) => ({ path: `kubernetes/${file}.yaml.hbs`, name: camelCase(file), file: `${file}.yaml` }),
);

/** The templates that others include. */
export const partials: readonly string[] = ["jobSpec", "podSpec", "environment"];

/** The path of a partial: `jobSpec` is `_job-spec.yaml.hbs`. */
export function partialPath(name: string): string {
  return `kubernetes/_${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.yaml.hbs`;
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
