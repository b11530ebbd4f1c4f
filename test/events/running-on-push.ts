import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { EventReport } from "../../job/events/event-report.ts";
import type { TwoAccounts } from "../scenarios/two-accounts.ts";

const program = fileURLToPath(new URL("../../job/main.ts", import.meta.url));

/** `on-push` as a process of its own, which listens. */
export interface RunningOnPush {
  /** Where it says that it listens. */
  readonly url: string;
  post(event: object, secret?: string): Promise<Response>;
  stop(signal?: "SIGTERM" | "SIGINT"): void;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly reports: readonly EventReport[];
    readonly log: string;
  }>;
}

export const secret = "a secret of some length";

/** Starts the program, and resolves when it listens. */
export async function startListening(
  { env }: Pick<TwoAccounts, "env">,
  args: readonly string[] = [],
): Promise<RunningOnPush> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the program's own syntax
  const own = ["--listen", "127.0.0.1:0", "--auth-secret", "${env:EVENTS_SECRET}", "--log-format", "json"];
  const child = spawn(process.execPath, [program, "on-push", ...own, ...args], {
    env: { PATH: process.env.PATH, ...env, EVENTS_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const stdout = text(child.stdout);
  const log: string[] = [];
  const { promise: listening, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stderr })
    .on("line", (line) => {
      log.push(line);
      const port = /"port":(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    })
    .on("close", () => reject(new Error(`it does not listen:\n${log.join("\n")}`)));
  const ended = Promise.all([code, stdout]).then(([number, lines]) => ({
    code: number,
    reports: lines
      .split("\n")
      .filter((line) => line !== "")
      .map((line): EventReport => JSON.parse(line)),
    log: log.join("\n"),
  }));
  const url = await listening;
  return {
    url,
    ended,
    stop: (signal = "SIGTERM") => child.kill(signal),
    post: (event, given = secret) =>
      fetch(`${url}/events`, {
        method: "POST",
        body: JSON.stringify(event),
        headers: { "x-api-key": given, "content-type": "application/json" },
      }),
  };
}
