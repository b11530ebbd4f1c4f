import type { DefaultedSetting, Setting } from "./setting.ts";
import { listOf, oneOf } from "./setting-values.ts";

/** A setting that may be left out. */
export function setting<T>(declaration: Setting<T>): Setting<T> {
  return declaration;
}

/** A setting that always has a value. */
export function defaulted<T>(declaration: DefaultedSetting<T>): DefaultedSetting<T> {
  return declaration;
}

/** A setting of several values: a flag that may be repeated, a variable with commas. */
export function list<T>(
  declaration: Omit<DefaultedSetting<readonly T[]>, "parse" | "default"> & {
    readonly parse: (text: string) => T;
  },
): DefaultedSetting<readonly T[]> {
  return { ...declaration, repeatable: true, parse: listOf(declaration.parse), default: [] };
}

/** A setting that is one of a few words. */
export function choice<const T extends string>(
  declaration: Omit<DefaultedSetting<T>, "parse"> & { readonly choices: readonly T[] },
): DefaultedSetting<T>;
export function choice<const T extends string>(
  declaration: Omit<Setting<T>, "parse"> & { readonly choices: readonly T[] },
): Setting<T>;
export function choice<const T extends string>(
  declaration: Omit<Setting<T>, "parse"> & { readonly choices: readonly T[] },
): Setting<T> {
  return { ...declaration, parse: oneOf(...declaration.choices) };
}
