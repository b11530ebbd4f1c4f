import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { request } from "undici";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../scripts/emulator.ts", import.meta.url));

function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const exited = once(child, "close");
  return {
    child,
    /** What it printed, once `pattern` is in it. */
    async printed(pattern: RegExp): Promise<string> {
      await expect.poll(() => output, { timeout: 20_000 }).toMatch(pattern);
      return output;
    },
    async ended(): Promise<{ code: unknown; output: string; errors: string }> {
      const [code] = await exited;
      return { code, output, errors };
    },
  };
}

describe("npm run emulator", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("serves what it prints until %s", async (signal) => {
    const repository = ["--repository", "222222222222/team/app"];
    const emulator = run("--account", "222222222222", "--region", "eu-central-1", ...repository);
    const text = await emulator.printed(/crane auth login .+\n/);
    for (const line of text.trim().split("\n")) expect(line).toMatch(/^$|^#|^export [A-Z_]+=\S+$/);
    const [, address, password] = /login (\S+) --username AWS --password (\S+)/.exec(text) ?? [];
    const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString("base64")}`;
    const answer = await request(`http://${address}/v2/_catalog`, { headers: { authorization } });
    expect(await answer.body.json()).toEqual({ repositories: ["team/app"] });
    emulator.child.kill(signal);
    expect(await emulator.ended()).toMatchObject({ code: 0, errors: "" });
  });

  it.each([
    [["--account", "42"], /--account 42 has not twelve digits/],
    [["--mode", "lax"], /--mode lax is neither/],
    [["--port", "high"], /--port high is no port/],
    [["--repository", "app"], /--repository app is not ACCOUNT\/NAME/],
    [["--what"], /--what/],
  ])("refuses %j", async (args, message) => {
    const { code, errors } = await run(...args).ended();
    expect(code).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).toContain("Usage: npm run emulator");
  });

  it("has help", async () => {
    const { code, output } = await run("--help").ended();
    expect(code).toBe(0);
    expect(output).toContain("--repository ACCOUNT/NAME");
  });
});
