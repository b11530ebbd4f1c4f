import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { requireTool } from "../tool.ts";
import type { ToolRun } from "./run-tool.ts";

/** The real `aws` program, started once for many calls. */
export interface AwsSession extends AsyncDisposable {
  /** One call, to its exit code. */
  run(args: readonly string[]): Promise<ToolRun>;
}

/** Opens a session with this environment, and nothing else of ours but PATH. */
export function openAwsSession(env: Readonly<Record<string, string>>): AwsSession {
  const script = fileURLToPath(new URL("aws-session.py", import.meta.url));
  const child = spawn(interpreterOf(requireTool("aws")), [script], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { PATH: process.env.PATH, ...env },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.stdin.on("error", () => undefined);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(args) {
      child.stdin.write(`${JSON.stringify(args)}\n`);
      const { done, value } = await answers.next();
      if (done === true) throw new Error(`The aws session ended at: aws ${args.join(" ")}`);
      return JSON.parse(value);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** The Python that has the program's packages: the one that its first line names. */
function interpreterOf(program: string): string {
  const interpreter = /^#!(\S*python\S*)/.exec(readFileSync(program, "utf8"))?.[1];
  if (interpreter === undefined) throw new Error(`${program} is no Python script: run scripts/tools.sh`);
  return interpreter;
}
