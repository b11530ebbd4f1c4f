import { type Fields, isFields } from "./fields.ts";

/**
 * Lays values over defaults as Helm does: fields are merged, lists and scalars replaced, and `null` takes a default out, where there is one.
 * {@link https://helm.sh/docs/chart_template_guide/values_files/#deleting-a-default-key}
 */
export function coalesce(defaults: Fields, values: unknown): unknown {
  if (values === undefined || values === null) return defaults;
  if (!isFields(values)) return values;
  const whole: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const fallback = defaults[key];
    if (value === undefined) continue;
    if (value === null && key in defaults) delete whole[key];
    else whole[key] = isFields(fallback) ? coalesce(fallback, value) : value;
  }
  return whole;
}

/** Lays values over others, as several files of values are: a `null` stays, to take out a default at last. */
export function layOver(values: Fields, over: Fields): Fields {
  const whole: Record<string, unknown> = { ...values };
  for (const [key, value] of Object.entries(over)) {
    const under = values[key];
    whole[key] = isFields(under) && isFields(value) ? layOver(under, value) : value;
  }
  return whole;
}

/** The defaults that a JSON Schema names, field by field; fields without one are left out. */
export function defaultsOf(schema: Fields): Fields {
  const { properties } = schema;
  if (!isFields(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, property]) => {
      if (!isFields(property)) return [];
      if ("default" in property) return [[name, property.default]];
      const inner = defaultsOf(property);
      return Object.keys(inner).length === 0 ? [] : [[name, inner]];
    }),
  );
}
