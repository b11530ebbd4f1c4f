import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array | object;
}

export interface Received {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface Step {
  readonly method: string;
  readonly path: string | RegExp;
  /** What to answer; a function may do as it likes with the connection. */
  readonly reply: Reply | ((request: Received, response: ServerResponse) => Reply | undefined);
  /** Whether it need not come; when it does, it may at any time. */
  readonly optional?: boolean;
  /** Called when the head is there; answers by itself, without waiting for the body. */
  readonly early?: (request: IncomingMessage, response: ServerResponse) => void;
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: URL;
  /** `127.0.0.1:<port>`. */
  readonly host: string;
  readonly received: readonly Received[];
  /** What was expected and did not come, and what came and was not expected. */
  problems(): readonly string[];
}

/** A server that expects exactly these requests, in this order. */
export async function scripted(steps: readonly Step[]): Promise<ScriptedServer> {
  const received: Received[] = [];
  const unexpected: string[] = [];
  const expected = steps.filter((step) => step.optional !== true);
  const optional = steps.filter((step) => step.optional === true);
  let next = 0;
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const fits = (one: Step | undefined) => one?.method === method && matches(one.path, url);
    const inOrder = fits(expected[next]);
    const step = inOrder ? expected[next] : optional.find(fits);
    if (step === undefined) {
      unexpected.push(
        `unexpected ${method} ${url}, expected ${expected[next]?.method ?? "nothing"} ${expected[next]?.path ?? ""}`,
      );
      response.writeHead(418).end();
      return;
    }
    if (inOrder) next += 1;
    if (step.early !== undefined) {
      received.push({ method, path: url, headers, body: Buffer.alloc(0) });
      step.early(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("error", () => undefined);
    request.on("end", () => {
      const one = { method, path: url, headers, body: Buffer.concat(chunks) };
      received.push(one);
      const reply = typeof step.reply === "function" ? step.reply(one, response) : step.reply;
      if (reply !== undefined) send(response, method, reply);
    });
  });
  const port = await listen(server);
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    host: `127.0.0.1:${port}`,
    received,
    problems: () => [
      ...unexpected,
      ...expected.slice(next).map(({ method, path }) => `missing ${method} ${path}`),
    ],
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function registryErrors(code: string, message: string): object {
  return { errors: [{ code, message }] };
}

function send(response: ServerResponse, method: string, { status, headers = {}, body = "" }: Reply): void {
  const bytes =
    typeof body === "string" || body instanceof Uint8Array
      ? Buffer.from(body)
      : Buffer.from(JSON.stringify(body));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string | string[]);
  if (!response.hasHeader("content-length") && status !== 204)
    response.setHeader("content-length", bytes.length);
  response.writeHead(status);
  response.end(method === "HEAD" ? undefined : bytes);
}

function matches(expected: string | RegExp, path: string): boolean {
  return typeof expected === "string" ? expected === path : expected.test(path);
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
