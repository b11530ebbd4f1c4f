import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { effectOf } from "./fault-effects.ts";
import type { FaultEffect } from "./faults.ts";
import type { Reply, ReplyBody } from "./reply.ts";
import type { OpenRequest } from "./request-log.ts";

/** Sends an answer no faster than the client takes it, with what faults do to the connection meanwhile. */
export async function writeReply(
  response: ServerResponse,
  reply: Reply,
  effects: readonly FaultEffect[],
  entry: OpenRequest,
): Promise<void> {
  if (effectOf(effects, "drop-response")) return reset(response);
  if (effectOf(effects, "withhold-response")) return closed(response);
  entry.status = reply.status;
  response.writeHead(reply.status, { ...lengthOf(reply), ...reply.headers });
  if (effectOf(effects, "reset")?.when === "after-headers") {
    response.flushHeaders();
    await flushed(response);
    return reset(response);
  }
  const { body } = reply;
  if (body !== undefined && response.req.method !== "HEAD") {
    await writeBody(response, body, effects, entry);
  }
  if (!response.destroyed) {
    response.end();
    await closed(response);
  }
}

async function writeBody(
  response: ServerResponse,
  body: ReplyBody,
  effects: readonly FaultEffect[],
  entry: OpenRequest,
): Promise<void> {
  const resetAt = effectOf(effects, "reset-after-response-bytes")?.bytes ?? Number.POSITIVE_INFINITY;
  const stallAt = effectOf(effects, "stall")?.afterBytes ?? Number.POSITIVE_INFINITY;
  const rate = effectOf(effects, "slow")?.bytesPerSecond;
  const endAt = Math.min(resetAt, stallAt);
  for await (const chunk of rate === undefined ? body.read() : crawl(body, rate)) {
    const piece = chunk.subarray(0, endAt - entry.bytesOut);
    entry.bytesOut += piece.length;
    if (!response.write(piece)) await drained(response);
    if (response.destroyed) return;
    if (entry.bytesOut < endAt) continue;
    await flushed(response);
    if (endAt === resetAt) return reset(response);
    return await closed(response);
  }
}

/** A tenth of a second's bytes each tenth of a second. */
async function* crawl(body: ReplyBody, bytesPerSecond: number): AsyncGenerator<Uint8Array> {
  const step = Math.max(1, Math.floor(bytesPerSecond / 10));
  for await (const chunk of body.read()) {
    for (let start = 0; start < chunk.length; start += step) {
      await sleep((1000 * step) / bytesPerSecond);
      yield chunk.subarray(start, start + step);
    }
  }
}

function lengthOf({ status, body }: Reply): Record<string, string> {
  if (body !== undefined) return { "content-length": String(body.length) };
  return status === 204 || status === 304 ? {} : { "content-length": "0" };
}

/** Ends the connection with RST, as a crashed peer or a middlebox does. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

/** Resolves when the answer was sent or the connection is gone. */
export async function closed(response: ServerResponse): Promise<void> {
  if (!response.closed && !response.destroyed) await once(response, "close");
}

async function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const settled = new AbortController();
  const { signal } = settled;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]).finally(() =>
    settled.abort(),
  );
}

/** Lets what was written reach the client before the connection is reset: a reset discards what is still queued. */
async function flushed(response: ServerResponse): Promise<void> {
  const { socket } = response;
  while (socket !== null && !socket.destroyed && socket.writableLength > 0) await sleep(1);
  await sleep(20);
}
