import { describe, expect, it } from "vitest";
import { formatBytes, formatCount, formatDuration, formatSeconds } from "../../job/report/quantity.ts";

const mebibyte = 1024 * 1024;

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [mebibyte - 1, "1.0 MiB"],
    [1023.9 * mebibyte, "1023.9 MiB"],
    [1023.96 * mebibyte, "1.0 GiB"],
    [5_000 * mebibyte * mebibyte, "5000.0 TiB"],
  ])("%f", (bytes, expected) => expect(formatBytes(bytes)).toBe(expected));
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [99, "99 ms"],
    [99.7, "0.1 s"],
    [1_234, "1.2 s"],
    [59_949, "59.9 s"],
    [59_960, "1 min 0 s"],
    [125_000, "2 min 5 s"],
    [3_599_700, "1 h 0 min"],
    [3_900_000, "1 h 5 min"],
  ])("%f", (ms, expected) => expect(formatDuration(ms)).toBe(expected));
});

describe("formatSeconds", () => {
  it("is whole", () => expect(formatSeconds(4_600)).toBe("5 s"));
});

describe("formatCount", () => {
  it.each([
    [0, "0 images"],
    [1, "1 image"],
    [1_204, "1,204 images"],
  ])("%i", (count, expected) => expect(formatCount(count, "image")).toBe(expected));
});
