import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { FaultEffect, FaultMatch } from "../emulator/faults.ts";

/** An image with layers of so many bytes, under the tag 1. */
export interface WorkerImage {
  readonly repository: string;
  readonly layers: readonly number[];
  /** Whether its layers come on top of those that all such images share. */
  readonly shares?: boolean;
}

/** What the worker is to be. */
export interface WorkerSetup {
  readonly images: readonly WorkerImage[];
  readonly faults?: readonly { readonly match: FaultMatch; readonly effect: FaultEffect }[];
  /** Bytes after which a connection on which is uploaded breaks. Default: never. */
  readonly uploadDropBytes?: number;
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
  /** Bytes of blobs that the source's storage has given. */
  readonly bytesGiven: number;
  /** The most bytes at any time that the storage had given and the destination had not yet taken. */
  readonly mostUnderway: number;
  /** Connections that broke under uploads. */
  readonly drops: number;
  /** Requests that were answered or met by faults, by their kind. */
  readonly requests: Readonly<Record<string, number>>;
}

/** The emulator in another process, with two accounts and images in development. */
export interface EmulatorProcess extends WorkerReady, AsyncDisposable {
  look(): Promise<WorkerLook>;
}

export async function startEmulatorProcess(setup: WorkerSetup): Promise<EmulatorProcess> {
  const worker = fileURLToPath(new URL("emulator-worker.ts", import.meta.url));
  const child = fork(worker, [JSON.stringify(setup)], { execArgv: [] });
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
