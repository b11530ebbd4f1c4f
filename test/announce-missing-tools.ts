import process from "node:process";
import { findTool, missing, tools, toolsAreRequired } from "./tool.ts";

/** Runs once before all test files: one loud line when tests will be skipped for want of a real tool. */
export function setup(): void {
  const absent = tools.filter((name) => findTool(name) === undefined);
  if (absent.length === 0) return;
  const consequence = toolsAreRequired() ? "their tests will fail" : "their tests are skipped";
  process.stderr.write(`\n!! ${missing(absent)} (${consequence})\n\n`);
}
