import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Repository } from "../emulator/repository.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runProgram, type ToolRun } from "../integration/run-tool.ts";
import { prodHost, type TwoAccounts } from "../scenarios/two-accounts.ts";

/** The program's module, as Node runs it. */
export const program = fileURLToPath(new URL("../../job/main.ts", import.meta.url));

/** What one promotion of {@link EdgeImage} is asked for. */
export const promotion: readonly string[] = ["promote", `${prodHost}/team/app:1`];

export interface EdgeOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly args?: readonly string[];
  /** A program, and its arguments, that starts ours. */
  readonly within?: readonly [program: string, ...args: string[]];
}

/** Runs the program as a process of its own that has this environment, PATH and no other. */
export async function runProcess(options: EdgeOptions): Promise<ToolRun> {
  const { env = {}, folder, args = promotion, within = [] } = options;
  const [first = process.execPath, ...rest] = [...within, process.execPath, program, ...args];
  return await runProgram(first, rest, { env, ...(folder !== undefined && { folder }) });
}

/** The port that is written out in an address. */
export function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** An image of development that production is to have. */
export interface EdgeImage {
  readonly prod: Repository;
  /** Says by a failed expectation when production has it not, or has something else. */
  expectPromoted(): void;
  expectUntouched(): void;
  /** Makes production as it was before the promotion. */
  forget(): void;
}

export function edgeImage(world: TwoAccounts): EdgeImage {
  const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
  const prod = world.prod("team/app");
  return {
    prod,
    expectPromoted() {
      expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
    },
    expectUntouched() {
      expect([prod.imageTags.size, prod.manifests.size]).toEqual([0, 0]);
    },
    forget() {
      for (const kept of [prod.imageTags, prod.manifests, prod.blobs]) kept.clear();
    },
  };
}
