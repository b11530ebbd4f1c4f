import { type ChildProcess, spawn } from "node:child_process";
import { PromoterError } from "../../error.ts";

export interface GitProgram {
  /** The program; looked for in `PATH`. Default `git`. */
  readonly program?: string;
  /** What the program sees: nothing else of this process's environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface GitRun {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Beside those that every run has. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Milliseconds until it is ended. Default 2 minutes. */
  readonly timeoutMs?: number;
}

export interface GitEnded {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const defaultTimeoutMs = 120_000;
const maxOutputBytes = 256 * 1024 * 1024;
const maxSpokenBytes = 64 * 1024;
const killAfterMs = 5_000;

/**
 * Runs git to its end, without a shell. What it is to be given secretly goes by the environment or the input, never by
 * the arguments, which everybody on the machine can read.
 *
 * @throws {PromoterError} `InvalidConfiguration` when there is no git; `Timeout`. How it ends is for the caller to judge.
 */
export async function runGit(
  { program = "git", env }: GitProgram,
  args: readonly string[],
  { folder, signal, env: more = {}, input, timeoutMs = defaultTimeoutMs }: GitRun,
): Promise<GitEnded> {
  signal.throwIfAborted();
  const child = spawn(program, args, { cwd: folder, env: { ...env, ...more }, stdio: "pipe" });
  const late = AbortSignal.timeout(timeoutMs);
  const stop = () => end(child);
  for (const reason of [signal, late]) reason.addEventListener("abort", stop, { once: true });
  try {
    // Git that ends before it has read its input is judged by how it ends.
    child.stdin.on("error", () => {});
    child.stdin.end(input ?? "");
    const [stdout, stderr, exitCode] = await Promise.all([
      collect(child.stdout, maxOutputBytes),
      collect(child.stderr, maxSpokenBytes),
      ended(child, program),
    ]);
    signal.throwIfAborted();
    if (late.aborted) throw tooSlow(args, timeoutMs);
    return { exitCode, stdout, stderr: stderr.toString("utf8") };
  } finally {
    for (const reason of [signal, late]) reason.removeEventListener("abort", stop);
  }
}

function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    // Programs that git has started may hold on to its output; nobody waits for those.
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  }, killAfterMs);
  child.once("close", () => clearTimeout(timer));
}

/** The output's beginning; the rest is read, so that the program is not held up, and dropped. */
async function collect(stream: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      if (length < maxBytes) chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    // A program that could not be started has no output; why is told by its end.
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}

function ended(child: ChildProcess, program: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", (cause: NodeJS.ErrnoException) => reject(notStarted(program, cause)));
  child.once("close", (code) => resolve(code ?? -1));
  return promise;
}

function notStarted(program: string, cause: NodeJS.ErrnoException): PromoterError {
  const message = `Cannot run ${program}: ${cause.code ?? "unknown reason"}`;
  return new PromoterError("InvalidConfiguration", message, {
    hint: "Install git, or run the image that has it: argocd-image-promoter-git",
    cause,
  });
}

function tooSlow([command = ""]: readonly string[], ms: number): PromoterError {
  return new PromoterError("Timeout", `git ${command} did not end within ${ms / 1000} s`, {
    temporary: true,
    hint: "See that the git server can be reached from here: network policies, proxies",
  });
}
