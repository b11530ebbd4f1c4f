import { describe, expect, it } from "vitest";
import { configurationJsonSchema, fieldsOfSchema } from "../../job/config/json-schema.ts";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Record<string, Schema>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: unknown;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null;
}

function undescribed(schema: Schema, path = ""): string[] {
  const fields = Object.entries(schema.properties ?? {});
  return [
    ...fields.filter(([, field]) => !field.description).map(([name]) => `${path}.${name}`),
    ...fields.flatMap(([name, field]) => undescribed(field, `${path}.${name}`)),
    ...(schema.items ? undescribed(schema.items, `${path}[]`) : []),
    ...(isSchema(schema.additionalProperties) ? undescribed(schema.additionalProperties, `${path}.*`) : []),
    ...(schema.anyOf ?? []).flatMap((form) => undescribed(form, path)),
  ];
}

describe("the JSON Schema", () => {
  it("describes every field", () => expect(undescribed(configurationJsonSchema())).toEqual([]));

  it("refuses unknown fields and needs the head", () => {
    expect(configurationJsonSchema()).toMatchObject({
      title: "promoter.yaml",
      additionalProperties: false,
      required: ["apiVersion", "kind"],
    });
  });

  it.each([
    [
      [],
      [
        "apiVersion",
        "kind",
        "environments",
        "modules",
        "routes",
        "images",
        "registries",
        "copy",
        "gates",
        "sync",
        "update",
        "attestation",
        "notify",
        "webhook",
        "strict",
        "imagePaths",
      ],
    ],
    [
      ["environments", "production", "images"],
      ["include", "modules", "exclude"],
    ],
    [
      ["routes", 0],
      ["to", "from"],
    ],
    [
      ["copy", "createRepositories", "encryption"],
      ["type", "kmsKey"],
    ],
    [["copy", "createRepositories", "tags"], []],
    [["nowhere"], []],
  ])("knows the fields at %j", (path, fields) => {
    expect(fieldsOfSchema(configurationJsonSchema(), path)).toEqual(fields);
  });
});
