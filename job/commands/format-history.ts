import type { PromotionRecord, Standing } from "../attestation/history.ts";
import type { Settings } from "../config/settings.ts";
import type { Digest } from "../oci/digest.ts";
import { type Paint, painter } from "../report/color.ts";
import { formatted } from "../report/formatted.ts";
import { escapeMarkdown, markdownCode } from "../report/markdown-text.ts";
import { shortDigest } from "../report/short-name.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";

/** The promotions of one image, the newest last. */
export interface ImageHistory {
  /** As it was asked for. */
  readonly image: string;
  readonly digest: Digest;
  readonly promotions: readonly PromotionRecord[];
}

const styles = { verified: "green", unverified: "yellow", unsigned: "yellow", forged: "red" } as const;
const marks: Readonly<Record<Standing, string>> = {
  verified: "✅",
  unverified: "⚠️",
  unsigned: "⚠️",
  forged: "❌",
};

/** Histories as text for people, as Markdown, or as a document of kind `PromotionHistory`. */
export function formatHistory(
  images: readonly ImageHistory[],
  format: Settings["output"],
  color: boolean,
): Promise<string> {
  const paint = painter(color);
  return formatted(format, {
    document: () => historyDocument(images),
    text: () => `${images.map((image) => textOf(image, paint)).join("\n\n")}\n`,
    markdown: () => `${images.map(markdownOf).join("\n\n")}\n`,
  });
}

function historyDocument(images: readonly ImageHistory[]): object {
  return {
    apiVersion: "image-promoter/v1",
    kind: "PromotionHistory",
    images: images.map(({ promotions, ...image }) => ({
      ...image,
      promotions: promotions.map(({ promotion, ...record }) => ({ ...record, ...promotion })),
    })),
  };
}

function textOf({ image, digest, promotions }: ImageHistory, paint: Paint): string {
  const head = `${paint("bold", escapeForTerminal(image))} ${shortDigest(digest)}`;
  if (promotions.length === 0) return `${head}\n  no promotion of it is attested`;
  const entries = promotions.flatMap(({ standing, problem, promotion, attestation }) => [
    `  ${escapeForTerminal(promotion?.promotedAt ?? "at an unknown time")}  ${paint(styles[standing], standing)}${problem === undefined ? "" : `: ${problem}`}`,
    ...linesOf(promotion).map(([name, text]) => line(name, text)),
    line("statement", shortDigest(attestation)),
  ]);
  return [head, ...entries].join("\n");
}

const labelWidth = 13;

function line(name: string, text: string): string {
  return `    ${escapeForTerminal(name).padEnd(labelWidth)}${escapeForTerminal(text)}`;
}

function linesOf(promotion: PromotionRecord["promotion"]): readonly (readonly [string, string])[] {
  if (promotion === undefined) return [];
  const { source, destination, promoter, application, gates } = promotion;
  const { name, roleArn, serviceAccount } = promoter.identity;
  const who = [name, roleArn, serviceAccount].filter((text) => text !== undefined);
  const revision = application?.revision === undefined ? "" : ` at ${application.revision}`;
  return [
    ...(source ? [["from", source.reference] as const] : []),
    ["to", destination.reference],
    ...(destination.previousDigest ? [["instead of", destination.previousDigest] as const] : []),
    ...(who.length > 0 ? [["by", who.join(", ")] as const] : []),
    ...(application ? [["application", `${application.name}${revision}`] as const] : []),
    ...gates.map(({ gate, passed, detail }) => [gate, `${passed ? "passed" : "failed"}: ${detail}`] as const),
  ];
}

function markdownOf({ image, digest, promotions }: ImageHistory): string {
  const head = `### ${markdownCode(image)}\n\n${markdownCode(digest)}`;
  if (promotions.length === 0) return `${head}\n\nNo promotion of it is attested.`;
  const rows = promotions.map(({ standing, problem, promotion }) => {
    const lines = linesOf(promotion).filter(([name]) => name !== "from" && name !== "to");
    const cells = [
      escapeMarkdown(promotion?.promotedAt ?? ""),
      promotion?.source ? markdownCode(promotion.source.reference) : "",
      promotion ? markdownCode(promotion.destination.reference) : "",
      lines.map(([name, text]) => `${escapeMarkdown(name)}: ${escapeMarkdown(text)}`).join("<br>"),
      `${marks[standing]} ${standing}${problem === undefined ? "" : `: ${escapeMarkdown(problem)}`}`,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [head, "", "| When | From | To | What else | Standing |", "|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}
