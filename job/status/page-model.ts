import { escapeForTerminal } from "../report/terminal-text.ts";
import {
  type EnvironmentStatus,
  type ImageState,
  isBehind,
  isDrifting,
  isUnknown,
  type ModuleState,
} from "./environment-status.ts";
import {
  behindWords,
  driftMeanings,
  driftWords,
  formatTime,
  orderSigns,
  summaryWords,
  versionOf,
} from "./words.ts";

/** A short word beside a version. */
interface Badge {
  readonly kind: "bad" | "behind" | "unknown";
  readonly text: string;
  readonly title: string;
  /** What a screen reader says beside it. */
  readonly unseen: string;
}

interface Field {
  readonly name: string;
  readonly text: string;
  readonly time: string | undefined;
}

/** What the page's template is filled with: texts that are not escaped for HTML yet, but hold nothing invisible. */
export function pageModel(status: EnvironmentStatus) {
  const { environments, modules, at } = status;
  return {
    title: `Environments: ${summaryWords(status)}`,
    summary: summaryWords(status),
    at,
    time: formatTime(at),
    errors: environments.flatMap(({ name, errors }) =>
      errors.map(({ code, message }) => ({ environment: name, code, message: escapeForTerminal(message) })),
    ),
    environments: environments.map(({ name, registry, promotesFrom }) => ({
      name,
      registry,
      sources: promotesFrom.length === 0 ? "" : `from ${promotesFrom.join(", ")}`,
    })),
    rows: modules.map(({ module, environments: states }) => {
      const cells = environments.map(({ name }) => cellOf(states[name] ?? { images: [] }));
      const words = cells.flatMap(({ images }) =>
        images.flatMap(({ fields, badges }) => [...fields, ...badges].map(({ text }) => text)),
      );
      const name = escapeForTerminal(module);
      return {
        module: name,
        text: [...new Set([name, ...words])].join("\n").toLowerCase(),
        cells,
      };
    }),
  };
}

function cellOf(state: ModuleState) {
  const states = [
    ...(isDrifting(state) ? ["drift"] : []),
    ...(isBehind(state) ? ["behind"] : []),
    ...(isUnknown(state) ? ["unknown"] : []),
  ];
  return {
    states: states.join(" "),
    images: state.images.map((image) => ({
      version: escapeForTerminal(versionOf(image)),
      badges: badgesOf(image, state),
      fields: fieldsOf(image, state),
    })),
  };
}

function badgesOf({ drift, error }: ImageState, { behind }: ModuleState): readonly Badge[] {
  const ofBehind = behind && {
    kind: "behind" as const,
    text: orderSigns[behind.order],
    title: escapeForTerminal(behindWords(behind)),
    unseen: escapeForTerminal(behindWords(behind)),
  };
  return [
    ...(ofBehind ? [ofBehind] : []),
    ...drift.map((word) => ({
      kind: "bad" as const,
      text: driftWords[word],
      title: driftMeanings[word],
      unseen: "",
    })),
    ...(error === undefined
      ? []
      : [{ kind: "unknown" as const, text: "not known", title: error.code, unseen: "" }]),
  ];
}

function fieldsOf(image: ImageState, { behind }: ModuleState): readonly Field[] {
  const { promotion, usedBy, error } = image;
  const standing = promotion?.standing;
  const written: readonly (readonly [name: string, text: string | undefined, time?: string | undefined])[] = [
    ["Image", image.image],
    ["Digest", image.digest],
    ...image.drift.map((drift) => [driftWords[drift], driftMeanings[drift]] as const),
    ["Compared", behind && behindWords(behind)],
    ["Is at", image.promoted === false ? image.source : undefined],
    [standing === "pushed" ? "Pushed" : "Promoted", promotion && formatTime(promotion.at), promotion?.at],
    ["Statement", standing === "pushed" ? undefined : standing],
    ["From", promotion?.from],
    ["Application", promotion?.application],
    ["Revision", promotion?.revision],
    ["Repository", promotion?.repository],
    ["By", promotion?.by],
    ["Used by", usedBy === undefined ? undefined : usedBy.join(", ") || "nothing"],
    [error?.code ?? "", error?.message],
  ];
  return written.flatMap(([name, text, time]) =>
    text === undefined ? [] : [{ name, text: escapeForTerminal(text), time }],
  );
}
