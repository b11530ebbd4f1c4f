import process from "node:process";
import { Agent, request } from "undici";
import { type CommandOptions, type CommandRun, runCommand } from "../scenarios/command-run.ts";
import type { TwoAccounts } from "../scenarios/two-accounts.ts";
import { selfSigned } from "./certificate.ts";
import { type Review, type ReviewOptions, review } from "./review.ts";

interface Posted {
  readonly status: number;
  readonly text: string;
  /** Whether the connection is kept for more. */
  readonly connection: unknown;
}

/** `serve`, running in this process. */
export interface RunningServe extends AsyncDisposable {
  /** `https://127.0.0.1:…`, for admission requests. */
  readonly url: string;
  /** `http://127.0.0.1:…`, for probes and metrics. */
  readonly probes: string;
  /** Asks as the API server does. */
  ask(path: string, options: ReviewOptions): Promise<Review>;
  post(path: string, body: string): Promise<Posted>;
  get(path: string): Promise<{ readonly status: number; readonly text: string }>;
  /** As SIGTERM does. */
  stop(): Promise<CommandRun>;
}

/** Starts `serve`, and resolves when it listens. */
export async function startServe(
  { env }: Pick<TwoAccounts, "env">,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<RunningServe> {
  const pair = await selfSigned();
  const controller = new AbortController();
  const ports: number[] = [];
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  const own = [
    ...[
      "--listen",
      "127.0.0.1:0",
      "--health",
      "127.0.0.1:0",
      "--shutdown-delay",
      "1ms",
      "--log-format",
      "json",
    ],
    ...["--tls-cert-file", "tls.crt", "--tls-key-file", "tls.key"],
  ];
  const run = runCommand(["serve", ...own, ...args], {
    ...options,
    env: { ...env, ...options.env },
    files: { "tls.crt": pair.certificate, "tls.key": pair.key, ...options.files },
    signal: controller.signal,
    onStderr(text) {
      for (const [, port] of text.matchAll(/"port":(\d+)/g)) ports.push(Number(port));
      if (ports.length === 2) resolve();
    },
  });
  run.then(({ stderr }) => reject(new Error(`it ended: ${stderr}`)), reject);
  await listening;
  const [probePort, port] = ports;
  const agent = new Agent({ connect: { ca: pair.certificate }, connections: 64 });
  const url = `https://127.0.0.1:${port}`;
  const probes = `http://127.0.0.1:${probePort}`;
  const post: RunningServe["post"] = async (path, body) => {
    const answer = await request(`${url}${path}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
      dispatcher: agent,
    });
    const { connection } = answer.headers;
    return { status: answer.statusCode, text: await answer.body.text(), connection };
  };
  const stop = async () => {
    controller.abort(new Error("Stopped by the test"));
    return run;
  };
  return {
    url,
    probes,
    post,
    stop,
    async get(path) {
      const answer = await fetch(`${probes}${path}`);
      return { status: answer.status, text: await answer.text() };
    },
    async ask(path, asked) {
      const { status, text } = await post(path, JSON.stringify(review(asked)));
      if (status !== 200) throw new Error(`${process.title}: ${status} ${text}`);
      const { response } = JSON.parse(text);
      const patch =
        response.patch === undefined ? [] : JSON.parse(Buffer.from(response.patch, "base64").toString());
      return { ...response, patch };
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await agent.destroy();
    },
  };
}
