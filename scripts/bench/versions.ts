import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { version } from "../../job/version.ts";
import { findTool } from "../../test/tool.ts";
import { ourName } from "./contenders.ts";

const questions: Readonly<Record<string, readonly string[]>> = {
  crane: ["version"],
  regctl: ["version"],
  regsync: ["version"],
  oras: ["version"],
  skopeo: ["--version"],
  aws: ["--version"],
  "docker-registry": ["--version"],
};

/** The programs that take part with their versions; what is missing says so. */
export async function versions(): Promise<readonly (readonly [name: string, version: string])[]> {
  const found = Object.entries(questions).map(
    async ([name, args]) => [name, await versionOf(name, args)] as const,
  );
  return [[ourName, version], ...(await Promise.all(found))];
}

async function versionOf(name: string, args: readonly string[]): Promise<string> {
  const program = findTool(name);
  if (program === undefined) return "missing";
  const { stdout, stderr } = await promisify(execFile)(program, [...args]);
  return /v?\d+\.\d+(\.\d+)?\S*/.exec(`${stdout}${stderr}`)?.[0] ?? "unknown";
}
