import process from "node:process";
import { runProgram, type ToolRun } from "../integration/run-tool.ts";
import { findTool } from "../tool.ts";

export interface KubectlOptions {
  readonly input?: string;
  /** Instead of the tests' own. */
  readonly kubeconfig?: string;
}

/** Runs kubectl against the cluster that KUBECONFIG names, however it ends. */
export async function tryKubectl(args: readonly string[], options: KubectlOptions = {}): Promise<ToolRun> {
  const { input, kubeconfig = process.env.KUBECONFIG ?? "" } = options;
  const path = findTool("kubectl");
  if (path === undefined) throw new Error("kubectl is missing: install it, or put it into PATH");
  // Credential plugins of managed clusters look for their own configuration in the environment.
  const env = { ...(process.env as Record<string, string>), KUBECONFIG: kubeconfig };
  return await runProgram(path, args, { env, ...(input !== undefined && { input }) });
}

/** Runs kubectl, which must succeed; gives its standard output. */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryKubectl(args, options);
  if (code === 0) return stdout;
  throw new Error(`kubectl ${args.join(" ")} ended with ${code}: ${stderr || stdout}`);
}
