import type { Settings } from "../config/settings.ts";
import type { InspectedIndex } from "../index-assembly/inspect.ts";
import type { IndexesReport, IndexReport, MemberReport } from "../index-assembly/report.ts";
import { type Paint, painter } from "../report/color.ts";
import { formatted } from "../report/formatted.ts";
import { escapeMarkdown, markdownCode } from "../report/markdown-text.ts";
import { formatBytes, formatCount, formatDuration } from "../report/quantity.ts";
import { shortDigest } from "../report/short-name.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";

const marks = { created: "✓", changed: "✓", "up-to-date": "=", failed: "✗" } as const;
const styles = { created: "green", changed: "green", "up-to-date": "gray", failed: "red" } as const;

/** What became of indexes, as text for people, as Markdown, or as a document of kind `IndexReport`. */
export function formatIndexes(
  report: IndexesReport,
  format: Settings["output"],
  color: boolean,
): Promise<string> {
  const paint = painter(color);
  const lines = () => report.indexes.flatMap((index) => indexLines(index, paint));
  return formatted(format, {
    document: () => report,
    text: () => `${[...lines(), paint("bold", summaryOf(report))].join("\n")}\n`,
    markdown: () => `${[...report.indexes.map(markdownRows), summaryOf(report)].join("\n\n")}\n`,
  });
}

/** What indexes hold, in the same formats; as a document of kind `IndexList`. */
export function formatInspected(
  indexes: readonly InspectedIndex[],
  format: Settings["output"],
  color: boolean,
): Promise<string> {
  const paint = painter(color);
  return formatted(format, {
    document: () => ({ apiVersion: "image-promoter/v1", kind: "IndexList", indexes }),
    text: () => `${indexes.map((index) => inspectedLines(index, paint).join("\n")).join("\n\n")}\n`,
    markdown: () => `${indexes.map(inspectedMarkdown).join("\n\n")}\n`,
  });
}

function summaryOf({ kind, summary, durationMs }: IndexesReport): string {
  const isPlan = kind === "IndexPlan";
  const counts = [
    [summary.created, isPlan ? "to create" : "created"],
    [summary.changed, isPlan ? "to change" : "changed"],
    [summary.upToDate, "up to date"],
    [summary.failed, "failed"],
  ] as const;
  const said = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  const head = summary.indexes === 1 ? "1 index" : `${summary.indexes} indexes`;
  return `${head}: ${said.join(", ")}${isPlan ? "" : ` in ${formatDuration(durationMs)}`}`;
}

function indexLines(report: IndexReport, paint: Paint): string[] {
  const { index, status, digest, manifests, bytesCopied, bytesMounted, previousDigest } = report;
  const asides = [
    ...(bytesCopied > 0 ? [`${formatBytes(bytesCopied)} copied`] : []),
    ...(bytesMounted > 0 ? [`${formatBytes(bytesMounted)} mounted`] : []),
    ...(previousDigest === undefined ? [] : [`was ${shortDigest(previousDigest)}`]),
  ];
  const details = [
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...(asides.length === 0 ? [] : [`(${asides.join(", ")})`]),
  ].join("  ");
  return [
    `${paint(styles[status], `${marks[status]} ${status}`)}  ${escapeForTerminal(index)}  ${paint("gray", details)}`.trimEnd(),
    ...memberLines(manifests, paint),
    ...explanations(report).map(
      ([label, text, style]) => `    ${paint(style, label)} ${escapeForTerminal(text)}`,
    ),
  ];
}

function explanations({ error, origin, warnings }: IndexReport) {
  return [
    ...(error === undefined ? [] : [[`${error.code}:`, error.message, "red"] as const]),
    ...(error?.hint === undefined ? [] : [["→", error.hint, "cyan"] as const]),
    ...(error === undefined || origin === undefined ? [] : [["at", origin, "gray"] as const]),
    ...warnings.map((warning) => ["warning:", warning, "yellow"] as const),
  ];
}

function memberLines(members: readonly MemberReport[], paint: Paint): string[] {
  const images = members.filter(({ attests }) => attests === undefined);
  const width = Math.max(0, ...images.map((member) => nameOf(member).length));
  return images.map((member) => {
    const attestations = members.filter(({ attests }) => attests === member.digest).length;
    const aside = attestations === 0 ? "" : `  ${formatCount(attestations, "attestation")}`;
    return `    ${nameOf(member).padEnd(width)}  ${paint("gray", `${shortDigest(member.digest)}${aside}`)}`;
  });
}

function nameOf({ platform, osFeatures = [], artifactType, mediaType }: MemberReport): string {
  const features = osFeatures.length > 0 ? ` (${osFeatures.join(", ")})` : "";
  return escapeForTerminal(platform === undefined ? (artifactType ?? mediaType) : `${platform}${features}`);
}

function inspectedLines(index: InspectedIndex, paint: Paint): string[] {
  const { index: name, digest, mediaType, size, annotations = {}, manifests } = index;
  return [
    `${paint("bold", escapeForTerminal(name))}  ${digest}`,
    `  ${escapeForTerminal(mediaType)}, ${formatBytes(size)}`,
    ...annotationLines(annotations, "  ", paint),
    ...manifests.flatMap((member) => [
      `  ${member.attests === undefined ? nameOf(member) : `attestation of ${shortDigest(member.attests)}`}  ${paint("gray", member.digest)}`,
      ...annotationLines(member.annotations ?? {}, "    ", paint),
    ]),
  ];
}

function annotationLines(
  annotations: Readonly<Record<string, string>>,
  indent: string,
  paint: Paint,
): string[] {
  return Object.entries(annotations).map(
    ([key, value]) => `${indent}${paint("gray", `${escapeForTerminal(key)}:`)} ${escapeForTerminal(value)}`,
  );
}

function markdownRows(report: IndexReport): string {
  const { index, status, manifests } = report;
  const said = explanations(report).map(([label, text]) => `- ${escapeMarkdown(`${label} ${text}`)}`);
  return [`### ${markdownCode(index)} ${marks[status]} ${status}`, memberTable(manifests), said.join("\n")]
    .filter((part) => part !== "")
    .join("\n\n");
}

function inspectedMarkdown({ index, digest, manifests }: InspectedIndex): string {
  return `### ${markdownCode(index)}\n\n${markdownCode(digest)}\n\n${memberTable(manifests)}`;
}

function memberTable(members: readonly MemberReport[]): string {
  if (members.length === 0) return "";
  const rows = members.map((member) => {
    const what =
      member.attests === undefined ? nameOf(member) : `attestation of ${shortDigest(member.attests)}`;
    return `| ${escapeMarkdown(what)} | ${markdownCode(member.digest)} |`;
  });
  return ["| Platform | Manifest |", "|---|---|", ...rows].join("\n");
}
