import { type ChildProcessByStdio, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, prodHost, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";

const program = fileURLToPath(new URL("../../job/main.ts", import.meta.url));
const MiB = 1024 ** 2;
const layers = [4 * MiB, 4 * MiB, 4 * MiB];

describe("the program as a process of its own", { timeout: 60_000 }, () => {
  it.each([
    { signal: "SIGTERM", code: 143 },
    { signal: "SIGINT", code: 130 },
  ] as const)("$signal ends it with $code in the midst of a copy, in order", async ({ signal, code }) => {
    await using world = await twoAccounts();
    const { emulator } = world;
    const fixture = placeImage(world.dev("team/app"), image({ layers }), { tags: ["1"] });
    const prod = world.prod("team/app");
    // A layer would take a minute.
    const slow = emulator.faults.add(
      { kind: "storage" },
      { do: "slow", bytesPerSecond: layers.length * 20_000 },
    );
    const child = start(world);
    await vi.waitFor(() => expect(prod.uploads.size).toBe(layers.length), { timeout: 30_000, interval: 20 });
    // Whoever is stopped before the answer that opens an upload cannot know what to cancel.
    await vi.waitFor(() => expect([...prod.uploads.values()].every(({ size }) => size > 0)).toBe(true), {
      timeout: 30_000,
      interval: 20,
    });
    const asked = performance.now();
    child.kill(signal);
    const run = await ended(child);
    expect(run.code).toBe(code);
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect(prod.imageTags.size).toBe(0);
    expect(prod.manifests.size).toBe(0);
    // Nothing is left behind that somebody would have to pay for.
    await vi.waitFor(() => expect(prod.uploads.size).toBe(0));

    slow.remove();
    const again = await ended(start(world));
    expect(again).toMatchObject({ code: 0 });
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
  });

  it("a rerun after being killed sends only what is missing", async () => {
    await using world = await twoAccounts();
    const { emulator } = world;
    const fixture = placeImage(world.dev("team/app"), image({ layers: [...layers, 1_000] }), { tags: ["1"] });
    const prod = world.prod("team/app");
    const huge = fixture.blobs.filter(({ size }) => size > MiB);
    const stuck = emulator.faults.add(
      { kind: "storage", path: new RegExp(huge[0]?.digest.slice(7) ?? "none") },
      { do: "stall", afterBytes: MiB },
    );
    const child = start(world);
    await vi.waitFor(() => expect(prod.blobs.size).toBe(fixture.blobs.length - 1), { timeout: 30_000 });
    child.kill("SIGKILL");
    await ended(child);
    expect(prod.imageTags.size).toBe(0);

    stuck.remove();
    emulator.clearRequests();
    expect(await ended(start(world))).toMatchObject({ code: 0 });
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
    const sent = emulator.requests.filter(
      ({ account, kind }) => account === prodAccount && kind.startsWith("upload-"),
    );
    expect(sent.reduce((sum, { bytesIn }) => sum + bytesIn, 0)).toBe(huge[0]?.size);
  });

  it.each(["stdout", "stderr"] as const)("goes on when nobody reads %s any more", async (stream) => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    const child = start(world, ["--log-level", "debug"]);
    child[stream].destroy();
    expect(await ended(child)).toMatchObject({ code: 0 });
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
  });

  it("goes on when its output goes to `head`", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const prod = world.prod("team/app");
    const pipe = 'set -o pipefail; "$0" "$@" 2>&1 | head -n 1';
    const args = ["-c", pipe, process.execPath, program, ...promotion("--log-level", "debug")];
    const run = await ended(
      spawn("bash", args, { env: environment(world), stdio: ["ignore", "pipe", "pipe"] }),
    );
    expect(run).toMatchObject({ code: 0, stdout: expect.stringMatching(/^.+\n$/) });
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
  });
});

type Process = ChildProcessByStdio<null, Readable, Readable>;

function promotion(...more: readonly string[]): readonly string[] {
  return ["promote", `${prodHost}/team/app:1`, ...more];
}

function start(world: TwoAccounts, more: readonly string[] = []): Process {
  return spawn(process.execPath, [program, ...promotion(...more)], {
    env: environment(world),
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function environment({ env }: TwoAccounts): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, ...env };
}

async function ended(child: Process) {
  const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const read = (stream: Readable) => (stream.destroyed ? "" : text(stream).catch(() => ""));
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  return { code: await code, stdout, stderr };
}
