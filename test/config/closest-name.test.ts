import { expect, it } from "vitest";
import { closestName } from "../../job/config/closest-name.ts";

const names = ["concurrency", "timeout", "overwrite", "from", "to", "images", "imagePaths"];

it.each([
  ["concurency", "concurrency"],
  ["concurrecny", "concurrency"],
  ["form", "from"],
  ["image", "images"],
  ["ImagePath", "imagePaths"],
  ["too", "to"],
  ["strict", undefined],
  ["x", undefined],
  ["", undefined],
])("%j means %s", (written, meant) => expect(closestName(written, names)).toBe(meant));
