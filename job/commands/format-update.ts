import type { Settings } from "../config/settings.ts";
import type { ReportedError } from "../promotion/report.ts";
import { type Paint, painter } from "../report/color.ts";
import { formatted } from "../report/formatted.ts";
import { escapeMarkdown, markdownCode } from "../report/markdown-text.ts";
import { formatCount } from "../report/quantity.ts";
import { shortDigest } from "../report/short-name.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import type { ImageVersion } from "../update/application.ts";
import type { ApplicationUpdate, ImageUpdate, UpdateReport } from "../update/report.ts";

const marks = { updated: "✓", "up-to-date": "=", failed: "✗" } as const;
const planMarks = { ...marks, updated: "+" } as const;
const styles = { updated: "green", "up-to-date": "gray", failed: "red" } as const;
const emoji = { updated: "✅", "up-to-date": "➖", failed: "❌" } as const;

/** A report of updates, or a plan of them, as text for people, as Markdown, or as it is. */
export function formatUpdate(
  report: UpdateReport,
  format: Settings["output"],
  { color }: { readonly color: boolean },
): Promise<string> {
  return formatted(format, {
    document: () => report,
    text: () => textOf(report, painter(color)),
    markdown: () => markdownOf(report),
  });
}

function textOf(report: UpdateReport, paint: Paint): string {
  const isPlan = report.kind === "UpdatePlan";
  const lines = report.applications.flatMap((application) => [
    `${paint("bold", escapeForTerminal(application.name))}${escapeForTerminal(whereOf(application))}`,
    ...application.warnings.map((warning) => `  ${paint("yellow", "!")} ${escapeForTerminal(warning)}`),
    ...errorLines(application.error, paint),
    ...application.images.flatMap((image) => imageLines(image, isPlan, paint)),
  ]);
  return `${[...lines, paint("bold", summaryOf(report))].join("\n")}\n`;
}

function imageLines(image: ImageUpdate, isPlan: boolean, paint: Paint): readonly string[] {
  const { status, alias, note, edits, error } = image;
  const mark = (isPlan ? planMarks : marks)[status];
  const versions = versionsOf(image);
  return [
    `  ${paint(styles[status], mark)} ${escapeForTerminal([alias, versions].filter(Boolean).join("  "))}`,
    ...edits.map(({ path, line }) => `      ${escapeForTerminal(`${path}:${line}`)}`),
    ...(note === undefined ? [] : [`      ${escapeForTerminal(note)}`]),
    ...errorLines(error, paint),
  ];
}

function errorLines(error: ReportedError | undefined, paint: Paint): readonly string[] {
  if (error === undefined) return [];
  const { code, message, hint } = error;
  const lines = [`${code}: ${message}`, ...(hint === undefined ? [] : [`hint: ${hint}`])];
  return lines
    .flatMap((text) => text.split("\n"))
    .map(
      (text, index) =>
        `      ${index === 0 ? paint("red", escapeForTerminal(text)) : escapeForTerminal(text)}`,
    );
}

function whereOf({ branch, commit, pullRequest }: ApplicationUpdate): string {
  const parts = [branch, commit?.slice(0, 12), pullRequest].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : `  ${parts.join("  ")}`;
}

function versionsOf({ from, to, status }: ImageUpdate): string {
  if (to === undefined) return "";
  const now = shown(to);
  return status === "updated" ? `${from === undefined ? "nothing" : shown(from)} → ${now}` : now;
}

function shown({ tag, digest }: ImageVersion): string {
  const short = digest === undefined ? undefined : shortDigest(digest);
  if (tag === undefined) return short ?? "";
  return short === undefined ? tag : `${tag} (${short})`;
}

function summaryOf({ kind, summary }: UpdateReport): string {
  const { applications, images, updated, upToDate, failed, commits } = summary;
  const parts = [
    updated > 0 ? `${updated} ${kind === "UpdatePlan" ? "to update" : "updated"}` : undefined,
    upToDate > 0 ? `${upToDate} up to date` : undefined,
    failed > 0 ? `${failed} failed` : undefined,
    commits > 0 ? formatCount(commits, "commit") : undefined,
  ].filter((part) => part !== undefined);
  const counted = `${formatCount(images, "image")} of ${formatCount(applications, "application")}`;
  return `${counted}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}`;
}

function markdownOf(report: UpdateReport): string {
  const rows = report.applications.flatMap((application) => [
    ...(application.error === undefined
      ? []
      : [row(application.name, "", "", `❌ ${problemOf(application.error)}`, application)]),
    ...application.images.map((image) => {
      const what = image.error === undefined ? escapeMarkdown(image.note ?? "") : problemOf(image.error);
      return row(
        application.name,
        image.alias,
        versionsOf(image),
        `${emoji[image.status]} ${what}`.trim(),
        application,
      );
    }),
  ]);
  const warnings = report.applications.flatMap(({ name, warnings: all }) =>
    all.map((warning) => `- ${markdownCode(name)}: ${escapeMarkdown(warning)}`),
  );
  const table = ["| Application | Image | Version |  | Branch |", "|---|---|---|---|---|", ...rows];
  return `${[summaryOf(report), "", ...table, ...(warnings.length > 0 ? ["", ...warnings] : [])].join("\n")}\n`;
}

function row(
  name: string,
  alias: string,
  versions: string,
  status: string,
  { branch, pullRequest }: ApplicationUpdate,
): string {
  const code = (text: string) => (text === "" ? "" : markdownCode(text));
  const where = [code(branch ?? ""), escapeMarkdown(pullRequest ?? "")]
    .filter((part) => part !== "")
    .join(" ");
  return `| ${code(name)} | ${code(alias)} | ${code(versions)} | ${status} | ${where} |`;
}

function problemOf({ code, message, hint }: ReportedError): string {
  return escapeMarkdown([`${code}: ${message}`, hint].filter((part) => part !== undefined).join("; "));
}
