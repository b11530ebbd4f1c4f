import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { written } from "../secrets/ledger.ts";
import { selfSigned } from "./self-signed.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly contentType: string | undefined;
  readonly body: unknown;
}

/** What the server answers to one request; without an answer it never does. */
export type Answer =
  | {
      readonly status: number;
      readonly body?: unknown;
      /** Writes the body bit by bit, and ends it. */
      readonly stream?: (response: ServerResponse) => void;
    }
  | undefined;

export interface FakeKubernetes extends AsyncDisposable {
  readonly port: number;
  readonly certificate: string;
  /** What was asked for, in order. */
  readonly requests: readonly SeenRequest[];
}

export const forbidden = {
  status: 403,
  body: {
    kind: "Status",
    message: 'events is forbidden: User "system:serviceaccount:shop:promoter" cannot create',
  },
};

/** An API server on a loopback address, with a certificate of its own. What `answer` does not know is forbidden. */
export async function startKubernetes(
  answer: (request: SeenRequest) => Answer,
  address = "127.0.0.1",
): Promise<FakeKubernetes> {
  const requests: SeenRequest[] = [];
  const { certificate, key } = selfSigned();
  const server = createServer({ cert: certificate, key }, async (request, response) => {
    const chunks = await request.toArray();
    const text = Buffer.concat(chunks).toString();
    const seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      token: request.headers.authorization,
      contentType: request.headers["content-type"],
      body: text === "" ? undefined : JSON.parse(text),
    };
    requests.push(seen);
    written({ from: `${seen.method} ${seen.path}`, text });
    const given = answer(seen);
    if (given === undefined) return;
    response.writeHead(given.status, { "content-type": "application/json" });
    if (given.stream !== undefined) {
      response.flushHeaders();
      given.stream(response);
      return;
    }
    response.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {}));
  });
  server.listen(0, address);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    certificate,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const folder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The files of a pod's service account, to be read as `readFile` reads; each reading of the token gives the next. */
export function serviceAccount(certificate: string, tokens: readonly string[] = ["token-1"]) {
  let read = 0;
  return async (path: string): Promise<string> => {
    if (path === `${folder}/token`) return `${tokens[Math.min(read++, tokens.length - 1)]}\n`;
    if (path === `${folder}/ca.crt`) return certificate;
    if (path === `${folder}/namespace`) return "shop";
    throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: "ENOENT" });
  };
}
