import { EventEmitter } from "node:events";
import { tmpdir } from "node:os";
import process from "node:process";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../job/error.ts";
import { runProgram, systemRuntime } from "../job/system-runtime.ts";

/** A process with somebody at its terminal, or nobody. */
function terminal({ attended = true } = {}) {
  const stdin = new PassThrough();
  const stderr = new PassThrough();
  const process = Object.assign(new EventEmitter(), { env: {}, stdin, stdout: new PassThrough(), stderr });
  const controller = new AbortController();
  const runtime = systemRuntime(process as unknown as NodeJS.Process, controller.signal, attended);
  const { ask } = runtime;
  return {
    ask: ask ?? (() => Promise.reject(new Error("nobody to ask"))),
    asks: ask !== undefined,
    stdin,
    stderr,
    controller,
  };
}

describe("asking at a terminal", () => {
  it("resolves to the lines that are typed, one after the other", async () => {
    const { ask, stdin, stderr } = terminal();
    const first = ask("One? ");
    stdin.write("1\n");
    expect(await first).toBe("1");
    const second = ask("Two? ");
    stdin.write(" 2 \n");
    expect(await second).toBe(" 2 ");
    expect(String(stderr.read())).toContain("Two? ");
  });

  it("ends when the input does", async () => {
    const { ask, stdin } = terminal();
    const answer = ask("One? ");
    stdin.end();
    await expect(answer).rejects.toMatchObject({ code: "Usage", message: "Nobody answered" });
  });

  it("ends with the signal's reason", async () => {
    const { ask, controller } = terminal();
    const answer = ask("One? ");
    controller.abort(new PromoterError("Aborted", "Stopped by SIGINT"));
    await expect(answer).rejects.toThrow("Stopped by SIGINT");
  });

  it("is not possible where there is none", () => {
    expect(terminal({ attended: false }).asks).toBe(false);
  });
});

describe("running a program", () => {
  const run = (script: string, signal = new AbortController().signal) =>
    runProgram(process.execPath, ["-e", script], { cwd: tmpdir(), env: { WORD: "said" }, signal });

  it("gives what it printed, and how it ended", async () => {
    const script =
      "process.stdout.write(process.env.WORD + process.cwd()); console.error(1); process.exitCode = 3";
    expect(await run(script)).toEqual({ exitCode: 3, stdout: `said${tmpdir()}`, stderr: "1\n" });
  });

  it("says when a signal ended it", async () => {
    expect(await run("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ exitCode: undefined });
  });

  it("has nothing on its standard input", async () => {
    expect(await run("process.stdin.resume().on('end', () => console.log('end'))")).toMatchObject({
      stdout: "end\n",
    });
  });

  it("rejects where there is no such program", async () => {
    const nowhere = runProgram("no-such-program-anywhere", [], {
      cwd: tmpdir(),
      env: process.env,
      signal: new AbortController().signal,
    });
    await expect(nowhere).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is ended by the signal", async () => {
    const controller = new AbortController();
    const running = run("setInterval(() => {}, 1000)", controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});
