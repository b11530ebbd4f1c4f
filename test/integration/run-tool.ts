import { spawn } from "node:child_process";
import process from "node:process";
import { text } from "node:stream/consumers";
import { requireTool, type Tool } from "../tool.ts";

export interface ToolRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  /** Beside PATH. Default nothing: no configuration of whoever runs the tests has a say. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Where it runs; default where the tests do. */
  readonly folder?: string;
}

/** Runs a real tool to its end, however that is. */
export async function runTool(
  tool: Tool,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolRun> {
  return await runProgram(requireTool(tool), args, options);
}

/** The same for any program, by its path. */
export async function runProgram(
  path: string,
  args: readonly string[],
  { env = {}, input = "", folder }: ToolOptions = {},
): Promise<ToolRun> {
  const child = spawn(path, args, { env: { PATH: process.env.PATH, ...env }, cwd: folder });
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? -1));
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Runs a real tool that must succeed; gives its standard output. */
export async function toolOutput(
  tool: Tool,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runTool(tool, args, options);
  if (code === 0) return stdout;
  throw new Error(`${tool} ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
}
