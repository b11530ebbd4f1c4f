import { type Paint, painter, type Style } from "../report/color.ts";
import { displayWidth, padToWidth } from "../report/display-width.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import {
  type EnvironmentStatus,
  isBehind,
  isDrifting,
  isUnknown,
  type ModuleState,
} from "./environment-status.ts";
import { behindWords, driftWords, orderSigns, promotionWords, summaryWords, versionOf } from "./words.ts";

/** A table of modules and environments for people, and beneath it what is not as it is written. */
export function formatStatusText(status: EnvironmentStatus, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const names = status.environments.map(({ name }) => name);
  const rows = status.modules.map(({ module, environments }) => [
    { text: escapeForTerminal(module), style: undefined },
    ...names.map((name) => cellOf(environments[name] ?? { images: [] })),
  ]);
  const head: readonly Cell[] = ["module", ...names].map((text) => ({ text, style: "bold" }));
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => displayWidth(row[column]?.text ?? ""))),
  );
  const table = [head, ...rows].map((row) =>
    row
      .map(({ text, style }, column) => {
        const last = column === row.length - 1;
        const padded = last ? text : padToWidth(text, widths[column] ?? 0);
        return style === undefined ? padded : paint(style, padded);
      })
      .join("  "),
  );
  const notes = [...environmentNotes(status, paint), ...moduleNotes(status, paint)];
  return `${[...table, ...(notes.length > 0 ? ["", ...notes] : []), "", paint("bold", summaryWords(status))].join("\n")}\n`;
}

interface Cell {
  readonly text: string;
  readonly style: Style | undefined;
}

/** `1.4.2 ↓ !`: older than where it comes from, and something is not as it is written. */
function cellOf(state: ModuleState): Cell {
  if (state.images.length === 0) return { text: "-", style: "gray" };
  const signs = [
    ...(state.behind === undefined ? [] : [orderSigns[state.behind.order]]),
    ...(isDrifting(state) ? ["!"] : []),
    ...(isUnknown(state) ? ["?"] : []),
  ];
  const text = [state.images.map(versionOf).join(", "), ...signs].join(" ");
  const style = isDrifting(state) ? "red" : isBehind(state) || isUnknown(state) ? "yellow" : undefined;
  return { text: escapeForTerminal(text), style };
}

function environmentNotes({ environments }: EnvironmentStatus, paint: Paint): readonly string[] {
  return environments.flatMap(({ name, errors }) =>
    errors.map(
      ({ code, message }) => `${paint("red", `? ${name}`)}: ${escapeForTerminal(`${code}: ${message}`)}`,
    ),
  );
}

function moduleNotes({ environments, modules }: EnvironmentStatus, paint: Paint): readonly string[] {
  return modules.flatMap(({ module, environments: states }) =>
    environments.flatMap(({ name }) => {
      const state = states[name];
      if (state === undefined) return [];
      return state.images.flatMap((image) => {
        const about = escapeForTerminal(`${name}  ${module} ${versionOf(image)}`);
        const why = [
          ...image.drift.map((drift) => driftWords[drift]),
          ...(state.behind === undefined ? [] : [behindWords(state.behind)]),
          ...(image.promotion === undefined ? [] : [promotionWords(image.promotion)]),
          ...(image.usedBy === undefined || image.usedBy.length === 0
            ? []
            : [`used by ${image.usedBy.join(", ")}`]),
        ];
        const drift =
          image.drift.length > 0
            ? [`${paint("red", `! ${about}`)}: ${escapeForTerminal(why.join("; "))}`]
            : [];
        const { error } = image;
        return error === undefined
          ? drift
          : [
              ...drift,
              `${paint("red", `? ${about}`)}: ${escapeForTerminal(`${error.code}: ${error.message}`)}`,
            ];
      });
    }),
  );
}
