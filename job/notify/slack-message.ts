import type { ImageReport, ImageStatus, PromotionReport } from "../promotion/report.ts";
import { formatBytes, formatCount } from "../report/quantity.ts";
import { sharedHost, shortDigest, shortName } from "../report/short-name.ts";
import { statusesByWeight, statusWords } from "../report/status.ts";
import { summaryLine } from "../report/summary-line.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import type { Announcement, PromotionFailure } from "./announcement.ts";

/** Text that Slack shows as it is: nothing in it is markup, a mention, an emoji or a link. */
interface SlackText {
  readonly type: "text";
  readonly text: string;
  readonly style?: { readonly bold?: true; readonly code?: true };
}

interface SlackSection {
  readonly type: "rich_text_section";
  readonly elements: readonly SlackText[];
}

interface SlackList {
  readonly type: "rich_text_list";
  readonly style: "bullet";
  readonly elements: readonly SlackSection[];
}

/**
 * A message of an incoming webhook.
 * {@link https://docs.slack.dev/reference/block-kit/blocks/rich-text-block}
 */
export interface SlackMessage {
  /** What notifications show, and those that know no blocks. */
  readonly text: string;
  readonly mrkdwn: false;
  readonly blocks: readonly [
    { readonly type: "rich_text"; readonly elements: readonly (SlackSection | SlackList)[] },
  ];
}

/** What is promoted, in words of the configuration and of Argo CD. */
export interface Occasion {
  readonly environment?: string | undefined;
  readonly application?: string | undefined;
}

const maxImages = 20;
const maxMessageCharacters = 400;

/** An announcement for Slack: a title, the sum, and the images that matter most, at most 20. */
export function slackMessage(announcement: Announcement, occasion: Occasion): SlackMessage {
  const title = titleOf(announcement, occasion);
  const { line, items, left } =
    announcement.kind === "PromotionFailure" ? ofFailure(announcement) : ofReport(announcement);
  const lists: readonly SlackList[] =
    items.length === 0 ? [] : [{ type: "rich_text_list", style: "bullet", elements: items.map(section) }];
  const rest = left === 0 ? [] : [section([plain(`and ${formatCount(left, "more image")}`)])];
  return {
    text: escapeSlack(`${title}: ${line}`),
    mrkdwn: false,
    blocks: [
      {
        type: "rich_text",
        elements: [section([bold(title), plain(`\n${line}`)]), ...lists, ...rest],
      },
    ],
  };
}

/**
 * Text for the one field in which Slack reads `<…>` and `&…;`, and nothing else of what it holds.
 * {@link https://docs.slack.dev/messaging/formatting-message-text#escaping}
 */
export function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

interface Content {
  readonly line: string;
  readonly items: readonly (readonly SlackText[])[];
  readonly left: number;
}

function titleOf(announcement: Announcement, { environment, application }: Occasion): string {
  const failed = announcement.kind === "PromotionFailure" || announcement.summary.failed > 0;
  const of = application === undefined ? "" : ` of ${application}`;
  const to = environment === undefined ? "" : ` to ${environment}`;
  return harmless(`${failed ? "❌" : "✅"} Promotion${of}${to}${failed ? " failed" : ""}`);
}

function ofFailure({ error }: PromotionFailure): Content {
  return {
    line: harmless(`${error.code}: ${error.message}`),
    items: error.hint === undefined ? [] : [[plain(harmless(error.hint))]],
    left: 0,
  };
}

function ofReport(report: PromotionReport): Content {
  const host = sharedHost(report.images);
  const told = report.images
    .filter(({ status }) => status !== "up-to-date" && status !== "skipped")
    .toSorted((a, b) => weightOf(a.status) - weightOf(b.status));
  return {
    line: summaryLine(report) + (host === undefined ? "" : harmless(`, to ${host}`)),
    items: told.slice(0, maxImages).map((image) => imageItem(image, host)),
    left: Math.max(0, told.length - maxImages),
  };
}

function weightOf(status: ImageStatus): number {
  return statusesByWeight.indexOf(status);
}

function imageItem(image: ImageReport, host: string | undefined): readonly SlackText[] {
  const { status, digest, bytesCopied, error } = image;
  const asides = [
    ...(digest === undefined ? [] : [shortDigest(digest)]),
    ...(bytesCopied > 0 ? [formatBytes(bytesCopied)] : []),
  ];
  return [
    bold(`${statusWords(status)} `),
    { type: "text", text: harmless(shortName(image, host)), style: { code: true } },
    ...(asides.length === 0 ? [] : [plain(harmless(` ${asides.join(", ")}`))]),
    ...(error === undefined ? [] : [plain(`\n${harmless(`${error.code}: ${error.message}`)}`)]),
    ...(error?.hint === undefined ? [] : [plain(`\n→ ${harmless(error.hint)}`)]),
  ];
}

/** On one line, of bounded length, without characters that hide or reorder others. */
function harmless(text: string): string {
  const start = text.length > maxMessageCharacters ? `${text.slice(0, maxMessageCharacters - 1)}…` : text;
  return escapeForTerminal(start);
}

function section(elements: readonly SlackText[]): SlackSection {
  return { type: "rich_text_section", elements };
}

function plain(text: string): SlackText {
  return { type: "text", text };
}

function bold(text: string): SlackText {
  return { type: "text", text, style: { bold: true } };
}
