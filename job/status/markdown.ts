import { escapeMarkdown, markdownCode } from "../report/markdown-text.ts";
import { formatCount } from "../report/quantity.ts";
import { type EnvironmentStatus, isDrifting, isUnknown, type ModuleState } from "./environment-status.ts";
import { driftWords, orderSigns, summaryWords, versionOf } from "./words.ts";

/** GitHub refuses comments of more than 65,536 characters; some are left for what others put around this one. */
const maxCharacters = 60_000;

/** The same as a comment or a page of a wiki. What drifts comes first; what there is no room for is counted. */
export function formatStatusMarkdown(status: EnvironmentStatus): string {
  const names = status.environments.map(({ name }) => name);
  const head = [
    "### Environments",
    "",
    escapeMarkdown(summaryWords(status)),
    "",
    `| Module | ${names.map(escapeMarkdown).join(" | ")} |`,
    `|---|${names.map(() => "---|").join("")}`,
  ];
  const errors = status.environments.flatMap(({ name, errors }) =>
    errors.map(({ code, message }) => `- **${escapeMarkdown(name)}**: ${code}: ${escapeMarkdown(message)}`),
  );
  const rows = status.modules
    .toSorted((one, other) => Number(hasNews(other)) - Number(hasNews(one)))
    .map(({ module, environments }) => {
      const cells = names.map((name) => cellOf(environments[name] ?? { images: [] }));
      return `| ${[markdownCode(module), ...cells].join(" | ")} |`;
    });
  let room = maxCharacters - [...head, ...errors].join("\n").length;
  const kept = rows.filter((row) => {
    room -= row.length + 1;
    return room >= 0;
  });
  const left = rows.length - kept.length;
  const notes = [
    ...(left === 0 ? [] : ["", `${formatCount(left, "more module")} left out for lack of room.`]),
    ...(errors.length === 0 ? [] : ["", ...errors]),
  ];
  return `${[...head, ...kept, ...notes].join("\n")}\n`;
}

function hasNews({ environments }: EnvironmentStatus["modules"][number]): boolean {
  return Object.values(environments).some((state) => isDrifting(state) || isUnknown(state));
}

function cellOf({ images, behind }: ModuleState): string {
  const sign = behind === undefined ? "" : ` ${orderSigns[behind.order]}`;
  return images
    .map((image) => {
      const drift = image.drift.map((word) => `<br>❌ ${driftWords[word]}`).join("");
      const error = image.error === undefined ? "" : `<br>⚠️ ${image.error.code}`;
      return `${markdownCode(versionOf(image))}${sign}${drift}${error}`;
    })
    .join("<br>");
}
