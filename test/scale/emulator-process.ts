import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** An image with one layer of so many bytes, under the tag 1. */
export interface WorkerImage {
  readonly repository: string;
  readonly layerBytes: number;
}

/** What the worker says when it listens. */
export interface WorkerReady {
  /** The environment of the Job. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the images, in their order. */
  readonly digests: readonly string[];
}

/** What the worker says of its state. */
export interface WorkerLook {
  /** What the images' tags lead to at the destination. */
  readonly tags: readonly (string | undefined)[];
  /** Bytes of blobs that the destination has been sent. */
  readonly bytesTaken: number;
}

/** The emulator in another process, with two accounts and images in development. */
export interface EmulatorProcess extends WorkerReady, AsyncDisposable {
  look(): Promise<WorkerLook>;
}

export async function startEmulatorProcess(images: readonly WorkerImage[]): Promise<EmulatorProcess> {
  const worker = fileURLToPath(new URL("emulator-worker.ts", import.meta.url));
  const child = fork(worker, [JSON.stringify(images)], { execArgv: [] });
  const ready = (await answerOf(child)) as WorkerReady;
  return {
    ...ready,
    async look() {
      const answer = answerOf(child);
      child.send("look");
      return (await answer) as WorkerLook;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      once(child, "message", { signal: stop.signal }).then(([message]) => message),
      once(child, "exit", { signal: stop.signal }).then(([code]) => {
        throw new Error(`The emulator's process ended with ${code}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}
