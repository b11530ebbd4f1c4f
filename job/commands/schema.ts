import { configurationJsonSchema } from "../config/json-schema.ts";

/** The JSON Schema of promoter.yaml as text. */
export function schemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), undefined, 2)}\n`;
}
