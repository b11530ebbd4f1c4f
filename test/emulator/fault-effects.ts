import { isDigest } from "../../job/oci/digest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { expiredToken } from "./authorization.ts";
import type { FaultEffect } from "./faults.ts";
import { emptyReply, jsonReply, type Reply, type ReplyBody, textReply } from "./reply.ts";

/** The effect of one kind among those that meet a request. */
export function effectOf<K extends FaultEffect["do"]>(
  effects: readonly FaultEffect[],
  kind: K,
): Extract<FaultEffect, { do: K }> | undefined {
  return effects.find((effect): effect is Extract<FaultEffect, { do: K }> => effect.do === kind);
}

export interface FaultyRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** The tag or digest of a manifest request. */
  readonly target?: string | undefined;
  /** Whether the manifest that is asked for is there. */
  readonly isThere?: boolean;
}

/** The answer of the first effect that answers in place of the emulator. */
export function answerOfFault(effects: readonly FaultEffect[], request: FaultyRequest): Reply | undefined {
  for (const effect of effects) {
    const reply = answerOf(effect, request);
    if (reply !== undefined) return reply;
  }
  return undefined;
}

function answerOf(effect: FaultEffect, request: FaultyRequest): Reply | undefined {
  switch (effect.do) {
    case "status":
      return statusReply(effect);
    case "empty-403":
      return emptyReply(403);
    case "html": {
      const page = "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>";
      return textReply(effect.status ?? 502, page, { "content-type": "text/html" });
    }
    case "redirect":
      return emptyReply(effect.status ?? 307, { location: effect.to });
    case "redirect-loop":
      return emptyReply(307, { location: request.path });
    case "expired-token":
      return expiredToken();
    case "phantom-manifest":
      return phantom(request);
    default:
      return undefined;
  }
}

function statusReply({ status, body, headers }: Extract<FaultEffect, { do: "status" }>): Reply {
  if (body === undefined) return emptyReply(status, headers);
  return typeof body === "string" ? textReply(status, body, headers) : jsonReply(status, body, headers);
}

function phantom({ method, target, isThere }: FaultyRequest): Reply | undefined {
  if (method !== "HEAD" || target === undefined || !isDigest(target) || isThere === true) return undefined;
  return emptyReply(200, { "content-type": mediaTypes.ociManifest, "docker-content-digest": target });
}

/** The answer as the effects leave it. */
export function alterReply(reply: Reply, effects: readonly FaultEffect[]): Reply {
  return effects.reduce(alter, reply);
}

function alter(reply: Reply, effect: FaultEffect): Reply {
  const { headers, body } = reply;
  switch (effect.do) {
    case "digest-header":
      return { ...reply, headers: { ...headers, "docker-content-digest": effect.digest } };
    case "media-type":
      return { ...reply, headers: { ...headers, "content-type": effect.mediaType } };
    case "missing-location": {
      const { location: _, ...others } = headers;
      return { ...reply, headers: others };
    }
    case "truncate":
      return body ? { ...reply, body: truncated(body, effect.bytes) } : reply;
    case "extend":
      return body ? { ...reply, body: extended(body, effect.bytes) } : reply;
    case "flip-byte":
      return body ? { ...reply, body: { ...body, read: () => flipped(body, effect.at) } } : reply;
    case "slice":
      return body ? { ...reply, body: { ...body, read: () => sliced(body, effect.bytes) } } : reply;
    default:
      return reply;
  }
}

function truncated(body: ReplyBody, bytes: number): ReplyBody {
  const length = Math.min(body.length, bytes);
  async function* read() {
    let left = length;
    for await (const chunk of body.read()) {
      if (left > 0) yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) return;
    }
  }
  return { length, read };
}

function extended(body: ReplyBody, bytes: number): ReplyBody {
  async function* read() {
    yield* body.read();
    yield Buffer.alloc(bytes);
  }
  return { length: body.length + bytes, read };
}

async function* flipped(body: ReplyBody, at: number): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for await (const chunk of body.read()) {
    const place = at - offset;
    offset += chunk.length;
    if (place < 0 || place >= chunk.length) yield chunk;
    else yield chunk.map((byte, index) => (index === place ? byte ^ 0xff : byte));
  }
}

async function* sliced(body: ReplyBody, bytes: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of body.read()) {
    for (let start = 0; start < chunk.length; start += bytes) yield chunk.subarray(start, start + bytes);
  }
}
