/** A JSON Schema, or the structural schema of a CRD: as far as those that are published for Kubernetes go. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly definitions?: Readonly<Record<string, Schema>>;
}

/**
 * What is wrong with a value, by its path. Stricter than JSON Schema: a field that the schema does not know is wrong,
 * as `kubectl apply --validate=strict` has it.
 */
export function schemaFaults(value: unknown, schema: Schema, root: Schema = schema, path = ""): string[] {
  if (schema.$ref !== undefined) {
    const target = root.definitions?.[schema.$ref.replace("#/definitions/", "")];
    if (target === undefined) throw new Error(`no ${schema.$ref}`);
    return schemaFaults(value, target, root, path);
  }
  if (schema["x-kubernetes-int-or-string"] === true) {
    return typeof value === "string" || Number.isInteger(value) ? [] : [`${path} is neither number nor text`];
  }
  const kind = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
  // What marshals itself (Amount, IntOrString) is an object without properties in schemas made of Go's types.
  const isOpaque = schema.properties === undefined && schema.additionalProperties === undefined;
  if (schema.type === "object" && kind !== "object" && isOpaque) return [];
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.includes(kind) && !(types.includes("number") && kind === "integer")) {
    return [`${path} is ${kind}, not ${types.join(" or ")}`];
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${path} is none of ${schema.enum}`];
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) {
    return [`${path} does not match ${schema.pattern}`];
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => schemaFaults(item, schema.items ?? {}, root, `${path}[${index}]`));
  }
  return typeof value === "object" && value !== null ? fieldFaults({ ...value }, schema, root, path) : [];
}

function fieldFaults(
  fields: Readonly<Record<string, unknown>>,
  schema: Schema,
  root: Schema,
  path: string,
): string[] {
  const { properties = {}, additionalProperties, required = [] } = schema;
  const missing = required
    .filter((name) => fields[name] === undefined)
    .map((name) => `${path}.${name} is missing`);
  const isOpen =
    schema["x-kubernetes-preserve-unknown-fields"] === true ||
    additionalProperties === true ||
    (schema.properties === undefined && additionalProperties === undefined);
  const wrong = Object.entries(fields).flatMap(([name, inner]) => {
    const known =
      properties[name] ?? (typeof additionalProperties === "object" ? additionalProperties : undefined);
    if (known !== undefined) return schemaFaults(inner, known, root, `${path}.${name}`);
    return isOpen ? [] : [`${path}.${name} is unknown`];
  });
  return [...missing, ...wrong];
}
