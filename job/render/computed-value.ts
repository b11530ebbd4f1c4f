import type { Fields } from "./fields.ts";

/** Something made of several values: a text, fields, or a list of texts; empty where there is nothing to say. */
export type Computed = string | Fields | readonly string[] | readonly Fields[];
