import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { requireTool } from "../tool.ts";

/** A registry of the distribution project: a process of its own that keeps its content in memory. */
export interface Distribution extends AsyncDisposable {
  /** `127.0.0.1:<port>` */
  readonly address: string;
}

/** Starts Debian's `docker-registry` on a free port; it ends when it is disposed of. */
export async function startDistribution(): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), "distribution-"));
  const config = join(folder, "config.yml");
  await writeFile(config, JSON.stringify(configuration));
  const child = spawn(requireTool("docker-registry"), ["serve", config], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const dispose = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { address: await listeningAddress(child), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** {@link https://distribution.github.io/distribution/about/configuration/} JSON is YAML, too. */
const configuration = {
  version: "0.1",
  log: { level: "info" },
  storage: { inmemory: {}, delete: { enabled: true } },
  http: { addr: "127.0.0.1:0", secret: "test" },
};

async function listeningAddress(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("docker-registry has no standard error");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address === undefined) continue;
    child.stderr.resume();
    return address;
  }
  throw new Error(`docker-registry does not listen:\n${said.join("\n")}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
}
