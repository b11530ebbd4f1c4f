import { stripVTControlCharacters } from "node:util";
import type { Clock } from "../async/clock.ts";
import type { PromotionListener } from "../promotion/progress.ts";
import type { Output } from "../runtime.ts";
import { displayWidth } from "./display-width.ts";
import { progressFrame } from "./progress-frame.ts";
import { systemTicker, type Ticker } from "./ticker.ts";
import { TransferRate } from "./transfer-rate.ts";
import { TransferCount } from "./transfer-state.ts";

export interface LiveProgressOptions {
  /** A terminal. */
  readonly output: Output;
  readonly clock: Clock;
  readonly color: boolean;
  /** How many images are to be promoted. */
  readonly images: number;
  /** Lines to use at the most. Default 12. */
  readonly rows?: number;
  /** Default: the machine's. */
  readonly ticker?: Ticker;
  /** When aborted, the display is taken away at once. */
  readonly signal?: AbortSignal;
}

/** What shows a promotion on a terminal while it runs; `using` takes it away at the end. */
export interface LiveProgress extends Disposable {
  readonly listener: PromotionListener;
  /** The same terminal for everybody else: what is written here appears above the display. Whole lines only. */
  readonly output: Output;
  /** Takes the display away and leaves the cursor where it began. May be called more than once. */
  stop(): void;
}

const redrawMs = 100;
const rateWindowMs = 5_000;
const defaultRows = 12;
const clearToEnd = "\u001b[J";
const clearLineEnd = "\u001b[K";

/**
 * Draws running images with their bars, and a line for the whole, ten times a second at the most and only when
 * something changed. It moves the cursor with ANSI sequences and hides nothing, so a killed process leaves a terminal
 * that works.
 */
export function liveProgress(options: LiveProgressOptions): LiveProgress {
  const { output, clock, signal } = options;
  const count = new TransferCount(options.images);
  const rate = new TransferRate(rateWindowMs);
  let drawn: readonly string[] = [];

  const draw = (lines: readonly string[]) => {
    const text = lines.map((line) => `${line}${clearLineEnd}\n`).join("");
    output.write(
      `${toFrameStart(drawn, output.columns)}${text}${lines.length < drawn.length ? clearToEnd : ""}`,
    );
    drawn = lines;
  };
  const tick = () => {
    const state = count.state();
    rate.sample(clock.now(), state.sent);
    const { columns } = output;
    const { color, rows = defaultRows } = options;
    const frame = progressFrame(state, rate.bytesPerSecond(), { columns, rows, color });
    if (frame.join("\n") !== drawn.join("\n")) draw(frame);
  };
  const clear = () => {
    if (drawn.length > 0) output.write(`${toFrameStart(drawn, output.columns)}${clearToEnd}`);
    drawn = [];
  };
  const stopTicking = (options.ticker ?? systemTicker)(tick, redrawMs);
  const stop = () => {
    stopTicking();
    signal?.removeEventListener("abort", stop);
    clear();
  };
  if (signal?.aborted) stop();
  else signal?.addEventListener("abort", stop, { once: true });
  return {
    listener: (event) => count.add(event),
    output: above(output, clear),
    stop,
    [Symbol.dispose]: stop,
  };
}

/** Moves the cursor to where the frame begins, also after the terminal was made narrower and wrapped its lines. */
function toFrameStart(lines: readonly string[], columns: number): string {
  const height = lines.reduce((sum, line) => {
    const width = displayWidth(stripVTControlCharacters(line));
    return sum + Math.max(1, Math.ceil(width / Math.max(1, columns)));
  }, 0);
  return height === 0 ? "" : `\u001b[${height}A\r`;
}

/** The display is drawn again at the next tick, below what was written. */
function above(output: Output, clear: () => void): Output {
  return {
    write(text) {
      clear();
      output.write(text);
    },
    isTerminal: output.isTerminal,
    get columns() {
      return output.columns;
    },
  };
}
