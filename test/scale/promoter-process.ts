import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { text } from "node:stream/consumers";

export interface MeasuredRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
  /** The most memory that the process had at any time, in bytes. */
  readonly peakBytes: number;
}

/** Runs the program as a process of its own, and watches the memory of that process only. */
export async function measurePromoter(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<MeasuredRun> {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
  }, 20);
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  clearInterval(timer);
  return { code, stdout, stderr, ms: performance.now() - begun, peakBytes };
}

/** The kernel's own high-water mark; 0 once the process has gone. See proc_pid_status(5). */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
