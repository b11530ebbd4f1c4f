import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { requireTool } from "../tool.ts";

/** A registry of the distribution project: a process of its own, with its content in a temporary folder. */
export interface Distribution extends AsyncDisposable {
  /** Host and port: `127.0.0.1:5000`. */
  readonly address: string;
}

export interface DistributionOptions {
  /** Address and port to listen at. Default a free port of 127.0.0.1. */
  readonly listen?: string;
}

/**
 * Starts Debian's `docker-registry`; it ends when it is disposed of.
 * @throws {Error} when it cannot listen there.
 */
export async function startDistribution({
  listen = "127.0.0.1:0",
}: DistributionOptions = {}): Promise<Distribution> {
  const folder = await mkdtemp(join(tmpdir(), "distribution-"));
  const config = join(folder, "config.yml");
  await writeFile(config, JSON.stringify(configuration(listen, join(folder, "content"))));
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
const configuration = (listen: string, rootdirectory: string) => ({
  version: "0.1",
  log: { level: "info" },
  // Not in memory: its driver copies all that it has of a blob with each piece that comes.
  storage: { filesystem: { rootdirectory }, delete: { enabled: true } },
  http: { addr: listen, secret: "test" },
});

async function listeningAddress(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error("docker-registry has no standard error");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const address = /listening on ([\d.]+:\d+)/.exec(line)?.[1];
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
