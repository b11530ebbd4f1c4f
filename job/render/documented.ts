import type * as z from "zod";

/**
 * A field of the chart's values with the words and the default that values.yaml, values.schema.json and the README show.
 * The default is not filled in by parsing: as in Helm, values are laid over the defaults first, and what is then
 * missing was taken out on purpose with `null`.
 */
export function documented<T extends z.ZodType>(
  schema: T,
  fallback: NoInfer<z.input<T>>,
  description: string,
): T {
  return schema.meta({ description, default: fallback });
}
