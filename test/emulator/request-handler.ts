import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isDigest } from "../../job/oci/digest.ts";
import type { ApiContext } from "./api-call.ts";
import { answerApi } from "./api-dispatch.ts";
import type { EmulatorContext } from "./emulator-context.ts";
import { type Addressed, addressOf, type Endpoint } from "./endpoint.ts";
import { alterReply, answerOfFault, effectOf } from "./fault-effects.ts";
import type { FaultEffect } from "./faults.ts";
import type { Listener } from "./listener.ts";
import { readBody } from "./registry/registry-call.ts";
import { answerRegistry } from "./registry/registry-protocol.ts";
import { type Reply, textReply } from "./reply.ts";
import type { OpenRequest } from "./request-log.ts";
import type { StorageOrigin } from "./storage-origin.ts";
import { closed, reset, writeReply } from "./write-reply.ts";

export interface HandlerParts {
  readonly context: EmulatorContext;
  readonly storage: StorageOrigin;
  readonly api: ApiContext;
}

/** One request on its way through the emulator. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly addressed: Addressed;
  readonly entry: OpenRequest;
  readonly effects: readonly FaultEffect[];
}

const maximumApiBody = 64 * 1024 * 1024;

/** Where a request came in. */
export interface Reception {
  readonly endpoint: Endpoint;
  readonly listener: Listener;
}

/** Answers one request: logs it, lets the faults at it, has it answered, and writes the answer. */
export async function handleRequest(
  parts: HandlerParts,
  { endpoint, listener }: Reception,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const exchange = open(parts, endpoint, request, response);
  tellTime(parts.context, response);
  const { entry, effects } = exchange;
  try {
    const refuse = effectOf(effects, "refuse");
    if (refuse !== undefined) return await listener.refuse(refuse.ms);
    if (effectOf(effects, "reset")?.when === "before") return reset(response);
    const stall = effectOf(effects, "stall");
    if (stall !== undefined && stall.afterBytes === undefined) return await closed(response);
    const wait = (parts.context.options.latencyMs ?? 0) + (effectOf(effects, "delay")?.ms ?? 0);
    if (wait > 0) await sleep(wait);
    await parts.context.options.beforeAnswer?.();
    const reply = faultAnswer(parts, exchange) ?? (await answer(parts, exchange));
    await writeReply(response, alterReply(reply, effects), effects, entry);
  } catch (error) {
    if (response.headersSent || request.socket.destroyed) return reset(response);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    await writeReply(response, textReply(500, `The emulator failed: ${text}\n`), [], entry);
  }
}

function open(
  { context }: HandlerParts,
  endpoint: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Exchange {
  const { method = "GET", url: path = "/", headers } = request;
  const url = new URL(path, `http://${headers.host ?? "127.0.0.1"}`);
  const addressed = addressOf(endpoint, method, url, headers);
  const { kind, registry, route } = addressed;
  const entry = context.log.open({
    at: context.now(),
    method,
    path,
    host: headers.host ?? "",
    headers,
    kind,
  });
  if (registry) Object.assign(entry, { account: registry.accountId, region: registry.region });
  const action = route?.action ?? addressed.target;
  if (action !== undefined) entry.action = action;
  if (route?.repository) entry.repository = route.repository;
  return { request, response, url, addressed, entry, effects: context.faults.effectsOn(entry) };
}

/** The date is the emulator's: by it SDKs correct a clock that differs, and sign anew. */
function tellTime(context: EmulatorContext, response: ServerResponse): void {
  if (context.options.dateHeader === false) response.sendDate = false;
  else response.setHeader("date", new Date(context.now()).toUTCString());
}

function faultAnswer({ context }: HandlerParts, { entry, effects, addressed }: Exchange): Reply | undefined {
  const { registry, route } = addressed;
  const { method, path } = entry;
  const repository =
    registry && route && context.store.findRepository(registry.accountId, registry.region, route.repository);
  const target = route?.target;
  const isThere = target !== undefined && isDigest(target) && repository?.manifests.has(target) === true;
  return answerOfFault(effects, { method, path, target, isThere });
}

async function answer(parts: HandlerParts, exchange: Exchange): Promise<Reply> {
  const { request, url, addressed, entry, effects } = exchange;
  const { kind, registry, route, target } = addressed;
  const method = request.method ?? "GET";
  const headers = { ...request.headers };
  if (effectOf(effects, "ignore-range")) delete headers.range;
  if (kind === "storage") return parts.storage.answer(method, url, headers);
  const body = receive(exchange);
  if (kind === "ecr-api" || kind === "sts") {
    const whole = await readBody(body, maximumApiBody);
    if (whole === undefined) return textReply(413, "Request entity too large\n");
    return await answerApi(parts, { method, path: request.url ?? "/", headers, body: whole }, target, entry);
  }
  if (registry === undefined) {
    return textReply(404, `Nothing is at ${headers.host}${url.pathname}: the Host is no registry of ECR\n`);
  }
  if (route === undefined) return textReply(404, `The registry protocol has no ${method} ${url.pathname}\n`);
  return await answerRegistry(parts, { method, url, headers, body, registry }, route, entry);
}

/** The request's body, counted; the connection is reset where a fault says so. */
async function* receive({ request, response, entry, effects }: Exchange): AsyncGenerator<Uint8Array> {
  const resetAt = effectOf(effects, "reset-after-request-bytes")?.bytes ?? Number.POSITIVE_INFINITY;
  const rate = effectOf(effects, "slow-intake")?.bytesPerSecond;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Uint8Array)) continue;
    const piece = chunk.subarray(0, resetAt - entry.bytesIn);
    entry.bytesIn += piece.length;
    yield piece;
    if (rate !== undefined) await sleep((1_000 * piece.length) / rate);
    if (entry.bytesIn < resetAt) continue;
    reset(response);
    throw new Error("The connection was reset by a fault");
  }
}
