import { type Paint, painter } from "./color.ts";
import { displayWidth, keepEnd, keepStart, padToWidth } from "./display-width.ts";
import { formatBytes, formatCount, formatSeconds } from "./quantity.ts";
import { shortName } from "./short-name.ts";
import { escapeForTerminal } from "./terminal-text.ts";
import type { ImageTransfer, TransferState } from "./transfer-state.ts";

export interface FrameOptions {
  /** Width of the terminal in characters. */
  readonly columns: number;
  /** Lines that the frame may have at the most. */
  readonly rows: number;
  readonly color: boolean;
}

const barWidth = 20;
const widestAmount = "1023.9 MiB / 1023.9 MiB".length;
const margins = 2 + 2 + 2;

/** The lines that show a promotion under way: running images, then the total. Each is narrower than the terminal. */
export function progressFrame(
  state: TransferState,
  bytesPerSecond: number,
  options: FrameOptions,
): readonly string[] {
  const paint = painter(options.color);
  // A line that fills the last column makes some terminals wrap.
  const columns = Math.max(1, options.columns - 1);
  const imageRows = Math.max(0, options.rows - 1);
  const all = state.running.length <= imageRows;
  const shown = state.running.slice(0, all ? imageRows : Math.max(0, imageRows - 1));
  const hidden = state.running.length - shown.length;
  const more = hidden > 0 && imageRows > 0 ? [keepStart(`  … and ${hidden} more`, columns)] : [];
  return [
    ...imageLines(shown, columns, paint),
    ...more,
    paint("bold", keepStart(totalLine(state, bytesPerSecond), columns)),
  ];
}

function imageLines(transfers: readonly ImageTransfer[], columns: number, paint: Paint): string[] {
  const names = transfers.map((transfer) => escapeForTerminal(shortName(transfer)));
  // The bar goes first where there is little room, then the amounts.
  const withBar = columns - margins - barWidth - widestAmount >= 16;
  const room = columns - margins - widestAmount - (withBar ? barWidth : 0);
  if (room < 8) return names.map((name) => keepStart(`  ${keepEnd(name, columns - 2)}`, columns));
  const nameWidth = Math.min(room, Math.max(0, ...names.map(displayWidth)));
  return transfers.map(({ sent, total }, position) => {
    const name = padToWidth(keepEnd(names[position] ?? "", nameWidth), nameWidth);
    const amount = `${formatBytes(sent)} / ${formatBytes(total)}`;
    return [`  ${name}`, ...(withBar ? [bar(sent, total, paint)] : []), amount].join("  ").trimEnd();
  });
}

function bar(sent: number, total: number, paint: Paint): string {
  const filled = total === 0 ? 0 : Math.floor((sent / total) * barWidth);
  return paint("green", "█".repeat(filled)) + paint("gray", "░".repeat(barWidth - filled));
}

function totalLine(state: TransferState, bytesPerSecond: number): string {
  const { images, sent, total, allPlanned } = state;
  const left = total - sent;
  return [
    `${images.finished}/${formatCount(images.total, "image")}`,
    ...(total > 0 ? [`${formatBytes(sent)} / ${formatBytes(total)}`] : []),
    ...(bytesPerSecond > 0 ? [`${formatBytes(Math.round(bytesPerSecond))}/s`] : []),
    // While images are still being planned nobody knows what is left.
    ...(allPlanned && bytesPerSecond > 0 && left > 0
      ? [`${formatSeconds((left / bytesPerSecond) * 1000)} left`]
      : []),
  ].join("  ");
}
