import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { requireTool } from "../tool.ts";

/** moto's emulation of AWS, which is not ours, in a process of its own. */
export interface Moto extends AsyncDisposable {
  readonly url: string;
}

/** Starts `moto_server` on a free port. */
export async function startMoto(): Promise<Moto> {
  const folder = await mkdtemp(join(tmpdir(), "moto-"));
  const child = spawn(requireTool("moto_server"), ["-H", "127.0.0.1", "-p", "0"], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env.PATH, HOME: folder, PYTHONUNBUFFERED: "1" },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  const dispose = async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line);
    const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr.resume();
    return { url, [Symbol.asyncDispose]: dispose };
  }
  await dispose();
  throw new Error(`moto_server does not listen:\n${said.join("\n")}`);
}
