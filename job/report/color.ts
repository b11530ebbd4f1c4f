import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/**
 * Whether to colour what goes to an output. `FORCE_COLOR` decides where it is set (`0` and `false` say no), then
 * `NO_COLOR` and `TERM=dumb` say no, then terminals get colours.
 * {@link https://no-color.org} {@link https://force-color.org}
 */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined && forced !== "") return forced !== "0" && forced.toLowerCase() !== "false";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  return isTerminal && env.TERM !== "dumb";
}

/** Colours text, or leaves it as it is. */
export function painter(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  // Whether to colour is decided already; Node would ask standard output, and the environment, again.
  return (style, text) => styleText(style, text, { validateStream: false });
}
