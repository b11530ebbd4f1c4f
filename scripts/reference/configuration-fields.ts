import { configurationJsonSchema, type JsonSchema } from "../../job/config/json-schema.ts";
import type { Setting } from "../../job/config/setting.ts";
import { settings } from "../../job/config/setting-table.ts";
import { cell } from "./generated-part.ts";

/** A field of promoter.yaml by its path: `environments.NAME.promotesFrom[]`. */
export interface ConfigurationField {
  readonly path: string;
  readonly kind: string;
  readonly required: boolean;
  readonly description: string;
}

/** Every field that may be written, parents first. */
export function configurationFields(): ConfigurationField[] {
  return fieldsOf(configurationJsonSchema(), "");
}

/** The table of fields. */
export function fieldsPart(): string {
  const rows = configurationFields().map(
    ({ path, kind, required, description }) =>
      `| \`${path}\` | ${cell(kind)} | ${cell(description)}${required ? "; **required**" : ""} |`,
  );
  return ["| field | what it holds | what it is |", "|---|---|---|", ...rows].join("\n");
}

/** The table of flags, variables and fields that stand for one another. */
export function settingsPart(): string {
  const all: readonly Setting<unknown>[] = Object.values(settings);
  const rows = all.map((setting) => {
    const { flag, variable, path, default: preset } = setting;
    const told =
      preset === undefined || (Array.isArray(preset) && preset.length === 0) ? "" : `\`${preset}\``;
    return `| \`${cell(flag)}\` | \`${variable}\` | ${path === undefined ? "" : `\`${path}\``} | ${told} |`;
  });
  return ["| flag | variable | field | default |", "|---|---|---|---|", ...rows].join("\n");
}

function fieldsOf(schema: JsonSchema, path: string): ConfigurationField[] {
  const required = Array.isArray(schema.required) ? schema.required : [];
  return formsOf(schema).flatMap((form) => {
    const own = Object.entries(objectIn(form.properties)).flatMap(([name, field]) =>
      describe(objectIn(field), path === "" ? name : `${path}.${name}`, required.includes(name)),
    );
    const named = isObject(form.additionalProperties)
      ? fieldsOf(form.additionalProperties, `${path}.NAME`)
      : [];
    const listed = isObject(form.items) ? fieldsOf(form.items, `${path}[]`) : [];
    return [...own, ...named, ...listed];
  });
}

/** Fields that hold what others do, which are described there. */
const likeOthers: Readonly<Record<string, string>> = {
  "environments.NAME.copy": "copy",
  "environments.NAME.routes": "routes",
  "environments.NAME.gates": "gates",
  "environments.NAME.attestation": "attestation",
  "environments.NAME.notify": "notify",
};

function describe(schema: JsonSchema, path: string, required: boolean): ConfigurationField[] {
  const other = likeOthers[path];
  const description = String(schema.description ?? "");
  if (other !== undefined) {
    return [
      {
        path,
        kind: kindOf(schema),
        required,
        description: `${description}; the same fields as \`${other}\``,
      },
    ];
  }
  return [{ path, kind: kindOf(schema), required, description }, ...fieldsOf(schema, path)];
}

function kindOf(schema: JsonSchema): string {
  const kinds = formsOf(schema).map((form) => {
    if ("const" in form) return `\`${form.const}\``;
    if (Array.isArray(form.enum)) return form.enum.map((word) => `\`${word}\``).join(", ");
    if (form.type === "array") return "list";
    if (form.type === "object") return isObject(form.additionalProperties) ? "fields by name" : "fields";
    return { boolean: "`true`, `false`", integer: "number", string: "text" }[String(form.type)] ?? "anything";
  });
  return [...new Set(kinds)].join(" or ");
}

function formsOf(schema: JsonSchema): JsonSchema[] {
  return Array.isArray(schema.anyOf) ? schema.anyOf.map(objectIn) : [schema];
}

function isObject(value: unknown): value is JsonSchema {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
  );
}

function objectIn(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
