import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { prodAccount } from "../scenarios/two-accounts.ts";
import { fleet } from "./fleet.ts";
import { killAndRerun, signalCodes } from "./kill.ts";
import { buildProgram, type Program, startProgram } from "./program.ts";
import { openShipyard } from "./shipyard.ts";
import { openUploads, writesOf } from "./stocktaking.ts";

const images = fleet.filter(({ repository }) => repository === "team/big");

let program: Program;

beforeAll(async () => {
  program = await buildProgram();
});
afterAll(() => program[Symbol.asyncDispose]());

describe.concurrent("a signal", { timeout: 120_000 }, () => {
  it.each([
    ["SIGTERM", "the request for a token", { kind: "ecr-api" }],
    ["SIGINT", "the request for a token", { kind: "ecr-api" }],
    ["SIGTERM", "the first look at a registry", { kind: "manifest-head" }],
    ["SIGINT", "a look at the destination", { kind: "blob-head", account: prodAccount }],
    ["SIGTERM", "the opening of an upload", { kind: "upload-start" }],
    ["SIGINT", "the reading of a layer", { kind: "storage" }],
    ["SIGTERM", "the tag", { kind: "manifest-put" }],
  ] as const)("%s ends it while %s is not answered", async (signal, _, at) => {
    const killed = await killAndRerun(program, signal, { at, effect: { do: "stall" } }, { images });
    expect(killed.problems).toEqual([]);
    expect(killed.ending.code).toBe(signalCodes[signal]);
    expect(killed.ending.stderr + killed.ending.stdout).toContain(`Stopped by ${signal}`);
  });

  it("SIGTERM is obeyed when the opening of an upload has been answered, and that upload given up", async () => {
    const at = { kind: "upload-start" } as const;
    const effect = { do: "delay", ms: 300 } as const;
    const killed = await killAndRerun(program, "SIGTERM", { at, effect }, { images });
    expect(killed).toMatchObject({ problems: [], ending: { code: 143 }, uploadsLeft: 0 });
  });

  it("SIGTERM is obeyed within 5 s when uploads cannot be given up, and at once when it comes twice", async () => {
    for (const twice of [false, true]) {
      await using yard = await openShipyard({ images });
      const { world, production } = yard;
      world.emulator.faults.add({ kind: "storage" }, { do: "stall", afterBytes: 1 });
      const cancelling = world.emulator.faults.add({ kind: "upload-cancel" }, { do: "stall" });
      const { child, ended } = startProgram(program, yard);
      await vi.waitFor(() => expect(openUploads(production)).toBe(images[0]?.fixture.blobs.length), {
        timeout: 30_000,
        interval: 5,
      });
      await delay(50);
      const first = performance.now();
      child.kill("SIGTERM");
      await vi.waitFor(() => expect(cancelling.met).toBeGreaterThan(0), { timeout: 5_000, interval: 2 });
      const second = performance.now();
      if (twice) child.kill("SIGTERM");
      expect(await ended).toMatchObject({ code: 143 });
      expect(performance.now() - (twice ? second : first)).toBeLessThan(twice ? 1_000 : 5_000);
      expect(writesOf(world.emulator.requests)).toEqual([]);
    }
  });
});
