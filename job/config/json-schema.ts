import * as z from "zod";
import { configurationSchema } from "./schema.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of promoter.yaml, for editors: `# yaml-language-server: $schema=…`. */
export function configurationJsonSchema(): JsonSchema {
  return { title: "promoter.yaml", ...z.toJSONSchema(configurationSchema, { io: "input" }) };
}

/** The fields that a JSON Schema knows at a path; empty where anything may stand. */
export function fieldsOfSchema(schema: JsonSchema, path: readonly PropertyKey[]): readonly string[] {
  const [step, ...rest] = path;
  const forms = [schema, ...schemasIn(schema.anyOf)];
  if (step === undefined) return forms.flatMap((form) => Object.keys(schemaIn(form.properties) ?? {}));
  return forms.flatMap((form) => {
    const properties = schemaIn(form.properties);
    const named = schemaIn(properties?.[String(step)]) ?? schemaIn(form.additionalProperties);
    const inner = typeof step === "number" ? schemaIn(form.items) : named;
    return inner === undefined ? [] : fieldsOfSchema(inner, rest);
  });
}

function schemaIn(value: unknown): JsonSchema | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function schemasIn(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.map(schemaIn).filter((schema) => schema !== undefined) : [];
}
