import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth } from "../../job/report/display-width.ts";
import { logProgress } from "../../job/report/log-progress.ts";
import { type LiveProgressOptions, liveProgress } from "../../job/report/progress.ts";
import { progressFrame } from "../../job/report/progress-frame.ts";
import { copied, failed, image } from "./example-report.ts";

const mebibyte = 1024 * 1024;

/** A terminal that remembers what was written to it, a clock that stands, and a ticker that ticks when told to. */
function stage(options: Partial<LiveProgressOptions> = {}) {
  const written: string[] = [];
  const terminal = { write: (text: string) => void written.push(text), isTerminal: true, columns: 80 };
  let now = 0;
  let ticks: (() => void) | undefined;
  const progress = liveProgress({
    output: terminal,
    clock: { now: () => now, random: () => 0, sleep: async () => {} },
    color: false,
    images: 2,
    ticker: (tick, intervalMs) => {
      expect(intervalMs).toBeGreaterThanOrEqual(100);
      ticks = tick;
      return () => {
        ticks = undefined;
      };
    },
    ...options,
  });
  return {
    ...progress,
    terminal,
    isTicking: () => ticks !== undefined,
    /** What was written since the last call, after the time has passed. */
    tick(ms = 100) {
      now += ms;
      ticks?.();
      return written.splice(0).join("");
    },
  };
}

const app = image({ destination: "h/team/app:1", status: "copied" });
const web = image({ destination: "h/team/web:2", status: "copied" });

describe("liveProgress", () => {
  it("draws running images and the whole, frame by frame, and takes itself away", () => {
    const { listener, tick, stop } = stage();
    expect(tick()).toBe("0/2 images\u001b[K\n");
    listener({ type: "planned", image: app, bytes: 10 * mebibyte });
    listener({ type: "planned", image: web, bytes: 30 * mebibyte });
    expect(tick()).toBe("\u001b[1A\r0/2 images  0 B / 40.0 MiB\u001b[K\n");
    listener({ type: "bytes", destination: app.destination, bytes: 5 * mebibyte });
    expect(tick(800)).toBe(
      "\u001b[1A\r  h/team/app:1  ██████████░░░░░░░░░░  5.0 MiB / 10.0 MiB\u001b[K\n" +
        "0/2 images  5.0 MiB / 40.0 MiB  5.6 MiB/s  6 s left\u001b[K\n",
    );
    listener({ type: "saved", destination: web.destination, bytes: 20 * mebibyte });
    listener({ type: "bytes", destination: web.destination, bytes: 2 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: 5 * mebibyte });
    listener({ type: "finished", image: app });
    expect(tick(1_000)).toBe(
      "\u001b[2A\r  h/team/web:2  ████░░░░░░░░░░░░░░░░  2.0 MiB / 10.0 MiB\u001b[K\n" +
        "1/2 images  12.0 MiB / 20.0 MiB  6.3 MiB/s  1 s left\u001b[K\n",
    );
    listener({ type: "finished", image: web });
    expect(tick(1_000)).toBe("\u001b[2A\r2/2 images  12.0 MiB / 12.0 MiB  4.1 MiB/s\u001b[K\n\u001b[J");
    stop();
    expect(tick()).toBe("\u001b[1A\r\u001b[J");
    stop();
    expect(tick()).toBe("");
  });

  it("draws nothing when nothing changed", () => {
    const { tick } = stage();
    expect(tick()).not.toBe("");
    expect(tick()).toBe("");
  });

  it("counts bytes that must be sent again down, and never below nothing", () => {
    const { listener, tick } = stage();
    listener({ type: "planned", image: app, bytes: 4 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: 3 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: -3 * mebibyte });
    expect(tick()).toContain("  0 B / 4.0 MiB");
    listener({ type: "bytes", destination: app.destination, bytes: -1 });
    expect(tick()).toBe("");
  });

  it("says no remaining time while images are still being planned", () => {
    const { listener, tick } = stage();
    tick();
    listener({ type: "planned", image: app, bytes: 4 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: mebibyte });
    expect(tick(1_000)).toContain("0/2 images  1.0 MiB / 4.0 MiB  1.0 MiB/s\u001b[K");
  });

  it("measures the rate over the last five seconds", () => {
    const { listener, tick } = stage({ images: 1 });
    tick();
    listener({ type: "planned", image: app, bytes: 1_000 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: 100 * mebibyte });
    expect(tick(1_000)).toContain("100.0 MiB/s");
    for (let second = 0; second < 5; second += 1) {
      listener({ type: "bytes", destination: app.destination, bytes: mebibyte });
      tick(1_000);
    }
    listener({ type: "bytes", destination: app.destination, bytes: mebibyte });
    expect(tick(1_000)).toContain("1.0 MiB/s  14 min 54 s left");
  });

  it("takes itself away when aborted, and stops", () => {
    const controller = new AbortController();
    const { tick, isTicking } = stage({ signal: controller.signal });
    tick();
    controller.abort();
    expect(tick()).toBe("\u001b[1A\r\u001b[J");
    expect(isTicking()).toBe(false);
  });

  it("does not begin when aborted already", () => {
    expect(stage({ signal: AbortSignal.abort() }).isTicking()).toBe(false);
  });

  it("ends with its scope", () => {
    const outside = stage();
    {
      using _progress = outside;
      outside.tick();
    }
    expect(outside.isTicking()).toBe(false);
    expect(outside.tick()).toBe("\u001b[1A\r\u001b[J");
  });

  it("lets others write above it", () => {
    const { output, tick } = stage();
    tick();
    output.write("a line of the log\n");
    expect(tick()).toBe("\u001b[1A\r\u001b[Ja line of the log\n0/2 images\u001b[K\n");
  });

  it("finds its beginning after the terminal was made narrower", () => {
    const { terminal, listener, tick } = stage();
    listener({ type: "planned", image: app, bytes: 10 * mebibyte });
    listener({ type: "bytes", destination: app.destination, bytes: mebibyte });
    tick();
    terminal.columns = 30;
    // 56 columns are two lines of 30; the line of the whole still fits into one.
    expect(tick().startsWith("\u001b[3A\r")).toBe(true);
  });
});

describe("progressFrame", () => {
  const transfers = Array.from({ length: 9 }, (_, number) => ({
    destination: `h/team/app-${number}:1`,
    sent: 1,
    total: 2,
  }));
  const state = {
    running: transfers,
    images: { finished: 1, total: 9 },
    sent: 9,
    total: 18,
    allPlanned: true,
  };

  it("shows as many images as fit, and counts the others", () => {
    const frame = progressFrame(state, 0, { columns: 80, rows: 4, color: false });
    expect(frame).toEqual([
      "  h/team/app-0:1  ██████████░░░░░░░░░░  1 B / 2 B",
      "  h/team/app-1:1  ██████████░░░░░░░░░░  1 B / 2 B",
      "  … and 7 more",
      "1/9 images  9 B / 18 B",
    ]);
  });

  it.each([
    [60, "  h/team/app-0:1  1 B / 2 B"],
    [38, "  …app-0:1  1 B / 2 B"],
    [20, "  h/team/app-0:1"],
    [12, "  …/app-0:1"],
  ])("drops the bar, then the amounts, in %i columns", (columns, expected) => {
    const [first] = progressFrame(state, 1, { columns, rows: 20, color: false });
    expect(first).toBe(expected);
  });

  it("is narrower than the terminal and has no more rows than allowed, whatever the names", () => {
    const transfer = fc.record({
      destination: fc.string({
        unit: fc.oneof(fc.constantFrom("界", "é", "👩‍🚀", "\u001b", "\u202e", "a", "/"), fc.string()),
      }),
      sent: fc.nat(),
      total: fc.nat(),
    });
    const frames = fc.record({
      running: fc.array(transfer.map((t) => ({ ...t, total: t.sent + t.total }))),
      columns: fc.integer({ min: 1, max: 200 }),
      rows: fc.integer({ min: 1, max: 12 }),
      color: fc.boolean(),
    });
    fc.assert(
      fc.property(frames, ({ running, ...options }) => {
        const frame = progressFrame({ ...state, running }, 1e6, options);
        expect(frame.length).toBeLessThanOrEqual(options.rows);
        for (const line of frame.map(stripVTControlCharacters)) {
          expect(displayWidth(line)).toBeLessThanOrEqual(Math.max(1, options.columns - 1));
          expect(line).not.toMatch(/\p{Cc}|\u202e/u);
        }
      }),
    );
  });
});

describe("elsewhere than on a terminal", () => {
  it("logs one record for each finished image", () => {
    const records: [string, object, string][] = [];
    const at = (level: string) => (fields: object, message: string) =>
      void records.push([level, fields, message]);
    const listener = logProgress({
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
    });
    listener({ type: "finished", image: copied });
    listener({ type: "finished", image: failed });
    expect(records).toEqual([
      [
        "info",
        {
          image: copied.destination,
          status: "copied",
          bytesCopied: copied.bytesCopied,
          digest: copied.digest,
        },
        expect.stringContaining("✓ copied  "),
      ],
      [
        "error",
        {
          image: failed.destination,
          status: "failed",
          bytesCopied: 0,
          code: "TagImmutable",
          hint: "Promote another tag",
        },
        expect.stringContaining("✗ failed  "),
      ],
    ]);
  });
});
