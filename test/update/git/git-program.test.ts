import { tmpdir } from "node:os";
import process from "node:process";
import { expect, it } from "vitest";
import { runGit } from "../../../job/update/git/git-program.ts";

const env = { PATH: process.env.PATH ?? "" };
const run = { folder: tmpdir(), signal: AbortSignal.timeout(30_000) };

it("waits for none of the programs that git has started when its time is over", {
  timeout: 20_000,
}, async () => {
  // As ssh to a server that says nothing any more: it holds on to git's output.
  const script = "trap '' TERM; sleep 25 & exit 0";
  const started = performance.now();
  const ended = runGit({ program: "sh", env }, ["-c", script], { ...run, timeoutMs: 200 });
  await expect(ended).rejects.toMatchObject({ code: "Timeout", temporary: true });
  expect(performance.now() - started).toBeLessThan(10_000);
});
