import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

/** Programs that stand beside this file, each a Go module of its own. */
export type GoProgram = "far-network" | "measure";

const built = new Map<GoProgram, Promise<string>>();

/**
 * The path of a program, which is built when it is first asked for.
 * @throws {Error} when there is no Go, or it does not compile.
 */
export function goProgram(name: GoProgram): Promise<string> {
  const program = built.get(name) ?? build(name);
  built.set(name, program);
  return program;
}

async function build(name: GoProgram): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = join(cache, "argocd-image-promoter", "bench");
  await mkdir(folder, { recursive: true });
  const program = join(folder, name);
  const env = { ...process.env, GOFLAGS: "-trimpath", CGO_ENABLED: "0" };
  await promisify(execFile)("go", ["build", "-o", program, "."], {
    cwd: join(import.meta.dirname, name),
    env,
  });
  return program;
}
