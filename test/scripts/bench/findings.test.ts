import { describe, expect, it } from "vitest";
import type { Growth } from "../../../scripts/bench/growth.ts";
import { networkLimit } from "../../../scripts/bench/limits.ts";
import { benchmarksPage } from "../../../scripts/bench/page.ts";
import { median, pairedRatio } from "../../../scripts/bench/paired.ts";
import { plotGrowth } from "../../../scripts/bench/plot.ts";
import { comparison } from "../../../scripts/bench/row.ts";

const taken = (...wallMs: readonly number[]) =>
  wallMs.map((ms) => ({ wallMs: ms, cpuMs: 0, peakKiB: 40 * 1024, othersMs: 100 }));
const runs = new Map([
  ["image-promoter", taken(50, 200, 70)],
  ["crane", taken(100, 400, 100)],
  ["oras", taken(90, 300, 95)],
]);
const work = { work: "a copy", runs, limit: "0.030 s" };

describe("a comparison", () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
  ])("takes the median of %j", (values, middle) => expect(median(values)).toBe(middle));

  it("compares what was run in the same round", () => {
    expect(pairedRatio(runs, ["image-promoter", "crane"], ({ wallMs }) => wallMs)).toBe(0.5);
    expect(pairedRatio(runs, ["image-promoter", "regctl"], ({ wallMs }) => wallMs)).toBeUndefined();
  });

  it("says whether the reach is met, and who is best", () => {
    const met = comparison({ ...work, reach: { peer: "crane", atMost: 0.5 } });
    expect(met).toMatchObject({ met: true, ratio: { to: "oras" }, reach: "at most 0.5 of crane: 0.50" });
    expect(comparison({ ...work, reach: { peer: "crane", atMost: 0.49 } }).met).toBe(false);
  });

  it("leaves open what is measured by somebody who is missing", () => {
    expect(comparison({ ...work, reach: { peer: "regctl", atMost: 0.5 } })).not.toHaveProperty("met");
  });
});

it("a network's limit is round trips and what one connection carries", () => {
  expect(networkLimit(["connection", "tags"], 60 * 1024 ** 2)).toBe(
    "1.06 s: 2 round trips (connection, tags), 60 MiB on one connection",
  );
});

describe("the page", () => {
  const [one] = taken(100);
  if (one === undefined) throw new Error("nothing was taken");
  const growth: Growth = {
    crowds: [1, 10, 100].map((images) => ({ images, cold: { ...one, wallMs: images * 100 }, warm: one })),
    layers: [1, 1_024].map((mebibytes) => ({ ...one, mebibytes })),
  };
  const rows = [comparison({ ...work, reach: { peer: "crane", atMost: 0.4 } })];

  it("has a row for each work, and says what is not met", () => {
    const page = benchmarksPage(
      { rows, versions: [["oras", "missing"]], rounds: 3, load: 0, growth },
      new Date("2026-01-02"),
    );
    expect(page).toContain(
      "| a copy | image-promoter 0.070 s<br>crane 0.10 s<br>oras 0.095 s | 0.67 (oras) | at most 0.4 of crane: 0.50 | **no** | 0.030 s |",
    );
    expect(page).toContain("| oras | missing |");
    expect(page).toContain("| 100 | 10.00 s | 0.10 s | 40 MiB |");
    expect(page).toContain("2026-01-02");
  });

  it("has a plot in which each point lies between the axes", () => {
    const svg = plotGrowth(growth);
    const points = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)];
    expect(points).toHaveLength(3 * 2 + 2 * 2);
    for (const [, x, y] of points) {
      expect(Number(x)).toBeGreaterThanOrEqual(64);
      expect(Number(x)).toBeLessThanOrEqual(800);
      expect(Number(y)).toBeGreaterThanOrEqual(56);
      expect(Number(y)).toBeLessThanOrEqual(260);
    }
  });
});
