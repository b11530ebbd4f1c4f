import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../job/main.ts", import.meta.url));
const routes = ["--from", "dev.example.com", "--to", "prod.example.com"];

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, ended };
}

describe("the process", () => {
  it("writes the whole result to a reader that is slow", async () => {
    // No route leads to these: nothing is asked of anybody.
    const names = Array.from({ length: 1_000 }, (_, at) => `other.example.com/team/app-${at}:1.0`);
    const { child, ended } = start(["promote", ...routes, "-o", "json"], {
      PROMOTER_IMAGES: names.join(" "),
    });
    child.stderr.resume();
    await delay(1_500);
    const [out, code] = await Promise.all([text(child.stdout), ended]);
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(128 * 1024);
    expect(JSON.parse(out)).toMatchObject({ summary: { images: 1_000, skipped: 1_000 } });
  });

  it("ends with its own exit code when nobody reads its output any more", async () => {
    const { child, ended } = start(["promote", ...routes, "other.example.com/app:1"]);
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await ended).toBe(0);
  });

  it("does not pass for done when there is nothing left to wait for and no result", async () => {
    const silent = `data:text/javascript,${encodeURIComponent("process.stdout.write = () => true;")}`;
    const { child, ended } = start(["version"], { NODE_OPTIONS: `--import=${silent}` });
    expect(await Promise.all([ended, text(child.stderr)])).toEqual([
      13,
      "error: The command came to no end\n",
    ]);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends on %s while it waits for standard input", async (signal, expected) => {
    const { child, ended } = start(["promote", ...routes, "-f", "-", "--log-level", "debug"]);
    const said = text(child.stderr);
    // More than the pipe holds: when it is taken, the process is reading.
    await new Promise((resolve) => child.stdin.write("#\n".repeat(512 * 1024), resolve));
    child.kill(signal);
    expect(await Promise.race([ended, delay(5_000, "still there")])).toBe(expected);
    child.stdin.destroy();
    expect(await said).toContain(`Stopped by ${signal}`);
  });
});
