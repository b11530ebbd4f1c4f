import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "../async/clock.ts";
import { asPromoterError } from "../error.ts";
import type { Page } from "../http-server/plain-endpoint.ts";
import type { Log } from "../log.ts";
import { formatJson } from "../report/json.ts";
import type { EnvironmentStatus } from "./environment-status.ts";
import { statusPage } from "./page.ts";

export interface StatusEndpointOptions {
  /** Finds out what there is to show. */
  readonly read: () => Promise<EnvironmentStatus>;
  readonly clock: Pick<Clock, "now">;
  readonly log: Pick<Log, "warn">;
  /** Aborted when the process ends: what is not found out then is nobody's affair. */
  readonly signal: AbortSignal;
  /** How old, in milliseconds, what is shown may be before it is found out anew. */
  readonly maxAgeMs: number;
}

/** One form of what is shown, ready to be sent. */
interface Form {
  readonly type: string;
  readonly tag: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

const paths: ReadonlySet<string> = new Set(["/", "/status.json"]);

/**
 * Answers `/` with the page and `/status.json` with the document, to be read only. What was found out last is shown at
 * once; when it is old, it is found out anew meanwhile, once for all who ask, and only while somebody asks.
 */
export function statusEndpoint(options: StatusEndpointOptions): Page {
  const { clock, maxAgeMs } = options;
  let forms: ReadonlyMap<string, Form> = new Map();
  let triedAt = Number.NEGATIVE_INFINITY;
  let isReading = false;
  const refresh = async () => {
    isReading = true;
    forms = (await freshForms(options)) ?? forms;
    isReading = false;
    // A failure is not tried again by each who asks, either.
    triedAt = clock.now();
  };
  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?");
    if (!paths.has(path)) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return true;
    }
    if (!isReading && clock.now() - triedAt >= maxAgeMs) void refresh();
    const form = forms.get(path);
    if (form === undefined) notYet(response);
    else send(form, request, response);
    return true;
  };
}

/** @returns undefined when it cannot be found out: what was known before is shown on, and says how old it is. */
async function freshForms({ read, log, signal }: StatusEndpointOptions) {
  try {
    const status = await read();
    return new Map([
      ["/", await formOf("text/html; charset=utf-8", statusPage(status))],
      ["/status.json", await formOf("application/json", formatJson(status))],
    ]);
  } catch (thrown) {
    const { code, message, hint } = asPromoterError(thrown);
    if (!signal.aborted) log.warn({ code, hint }, `Cannot tell what is where: ${message}`);
    return undefined;
  }
}

const zip = promisify(gzip);

async function formOf(type: string, text: string): Promise<Form> {
  const plain = Buffer.from(text);
  const tag = `"${createHash("sha256").update(plain).digest("base64url").slice(0, 22)}"`;
  return { type, tag, plain, zipped: await zip(plain) };
}

/** The page has a policy of its own; only a header can forbid that others show it in a frame. */
const headers = {
  "cache-control": "no-cache",
  "content-security-policy": "frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  vary: "accept-encoding",
};

function send({ type, tag, plain, zipped }: Form, request: IncomingMessage, response: ServerResponse): void {
  if (request.headers["if-none-match"]?.split(/, */).includes(tag) === true) {
    response.writeHead(304, { ...headers, etag: tag }).end();
    return;
  }
  const isZipped = /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/.test(String(request.headers["accept-encoding"] ?? ""));
  const body = isZipped ? zipped : plain;
  response.writeHead(200, {
    ...headers,
    "content-type": type,
    "content-length": body.length,
    etag: tag,
    ...(isZipped && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

const waitSeconds = 3;

/** Nobody waits for registries here: whoever comes first is told to come again. */
function notYet(response: ServerResponse): void {
  const again = `${waitSeconds}`;
  response.writeHead(503, { ...headers, "content-type": "text/html; charset=utf-8", "retry-after": again });
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="${again}"><title>Environments</title><p>Registries are being asked. This page comes again by itself.</p></html>\n`,
  );
}
