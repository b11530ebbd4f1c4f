import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** What is to be moved. */
export interface BackfillSetup {
  /** Tiny images, each with a configuration of its own on a layer that its repository's images share. */
  readonly images: number;
  readonly repositories: number;
  /** What ECR's quota for PutImage is in both accounts, in requests per second; the others are ECR's own. */
  readonly putImagePerSecond: number;
}

export interface BackfillReady {
  /** The environment of the Job. */
  readonly env: Readonly<Record<string, string>>;
}

/** How the destination stands, and what both accounts were asked since they are up. */
export interface BackfillLook {
  /** Images whose tag leads to what it leads to in development, with everything that belongs to it. */
  readonly there: number;
  /** Tags that are in the destination and not in development. */
  readonly strange: number;
  /** Tags that were put, and how many of them were put more than once. */
  readonly put: number;
  readonly putTwice: number;
  readonly requests: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Answers of 429. */
  readonly throttled: number;
}

/** Two accounts in a process of their own, with many images in development. */
export interface BackfillRegistries extends BackfillReady, AsyncDisposable {
  look(): Promise<BackfillLook>;
  /** How many tags the destination has by now, which takes no time. */
  progress(): Promise<number>;
}

/** The image of a number, as the list names it below its registry. */
export function nameOfImage(number: number, { repositories }: Pick<BackfillSetup, "repositories">): string {
  const repository = number % repositories;
  return `team-${repository % 7}/service-${repository}:1.${Math.floor(number / repositories)}`;
}

export async function startBackfillRegistries(setup: BackfillSetup): Promise<BackfillRegistries> {
  const worker = fileURLToPath(new URL("backfill-worker.ts", import.meta.url));
  const child = fork(worker, [JSON.stringify(setup)], { execArgv: [] });
  const ready = (await answerOf(child)) as BackfillReady;
  const ask = async (question: "look" | "progress") => {
    const answer = answerOf(child);
    child.send(question);
    return answer;
  };
  return {
    ...ready,
    look: async () => (await ask("look")) as BackfillLook,
    progress: async () => (await ask("progress")) as number,
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
        throw new Error(`The registries' process ended with ${code}`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}
