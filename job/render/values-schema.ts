import * as z from "zod";
import { chartValuesSchema } from "./chart-values.ts";
import { type Fields, isFields } from "./fields.ts";

/**
 * The JSON Schema of the chart's values, in draft 7: all versions of Helm read it. Fields with a default are required,
 * because Helm checks values that were laid over the defaults; what is missing then was taken out with `null`.
 */
export function valuesSchema(): Fields {
  return z.toJSONSchema(chartValuesSchema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      // The limits of JavaScript's numbers say nothing to a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
}

/** values.schema.json. */
export function valuesSchemaFile(): string {
  return `${JSON.stringify({ title: "Values of the chart image-promoter", ...valuesSchema() }, undefined, 2)}\n`;
}

/** One value that can be set. */
export interface DocumentedValue {
  /** Names from the outside in: `copy`, `overwrite`. */
  readonly path: readonly string[];
  readonly description: string;
  /** `string`, `integer`, `boolean`, `list`, `map`, or the words to choose from. */
  readonly type: string;
  /** Absent for a group of values. */
  readonly fallback?: unknown;
}

/** Groups of values and the values in them, in the order in which they are declared. */
export function documentedValues(
  schema: Fields = valuesSchema(),
  path: readonly string[] = [],
): DocumentedValue[] {
  const { properties } = schema;
  if (!isFields(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isFields(property)) return [];
    const own = {
      path: [...path, name],
      description: String(property.description ?? ""),
      type: typeOf(property),
    };
    if ("default" in property) return [{ ...own, fallback: property.default }];
    return [own, ...documentedValues(property, own.path)];
  });
}

function typeOf({ type, enum: words }: Fields): string {
  if (Array.isArray(words)) return words.join(", ");
  if (type === "array") return "list";
  return type === "object" ? "map" : String(type);
}
