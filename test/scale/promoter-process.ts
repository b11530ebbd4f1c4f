import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { text } from "node:stream/consumers";
import type { MemoryGroup } from "./memory-cgroup.ts";

export interface MeasuredRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** The most memory that the process had at any time, in bytes. */
  readonly peakBytes: number;
  /** The same without what is mapped from files, the program's code above all: of that the kernel takes back what it needs. */
  readonly peakOwnBytes: number;
}

export interface MeasureOptions {
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
  /** The control group to run in. */
  readonly group?: Pick<MemoryGroup, "processes"> | undefined;
  /** Called every 20 milliseconds. */
  readonly watch?: (pid: number) => void;
}

/** Joins a control group before it becomes the program, so that nothing escapes the count. */
const joining = 'echo $$ > "$0" && exec "$@"';

/** Runs the program as a process of its own, and watches the memory of that process only. */
export async function measurePromoter(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { node = [], group, watch }: MeasureOptions = {},
): Promise<MeasuredRun> {
  const begun = performance.now();
  const command = [process.execPath, ...node, program, ...args];
  const [file = "", ...rest] =
    group === undefined ? command : ["sh", "-c", joining, group.processes, ...command];
  const child = spawn(file, rest, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let peakBytes = 0;
  let peakOwnBytes = 0;
  const timer = setInterval(() => {
    const status = statusOf(child.pid);
    peakBytes = Math.max(peakBytes, bytesIn(status, "VmHWM"));
    peakOwnBytes = Math.max(peakOwnBytes, bytesIn(status, "RssAnon"));
    if (child.pid !== undefined) watch?.(child.pid);
  }, 20);
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  clearInterval(timer);
  return { code, stdout, stderr, ms: performance.now() - begun, peakBytes, peakOwnBytes };
}

/** What the kernel counts of a process; empty once it has gone. See proc_pid_status(5). */
function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function bytesIn(status: string, field: "VmHWM" | "RssAnon"): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
}
