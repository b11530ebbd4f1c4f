import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly state: "whole"; readonly text: string }
  | { readonly state: "too-large" }
  | { readonly state: "no-room" }
  /** The other side broke off. */
  | { readonly state: "gone" };

export interface BodyOptions {
  /** Told of bytes that are held from now on; false when there is no room for them. Default: there always is. */
  readonly hold?: (bytes: number) => boolean;
}

/** Reads a request's body, of which no more than `mostBytes` are ever held. */
export async function readBody(
  request: IncomingMessage,
  mostBytes: number,
  { hold = () => true }: BodyOptions = {},
): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) return { state: "too-large" };
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > mostBytes) return { state: "too-large" };
      if (!hold(chunk.length)) return { state: "no-room" };
      chunks.push(chunk);
    }
  } catch {
    return { state: "gone" };
  }
  return { state: "whole", text: Buffer.concat(chunks).toString("utf8") };
}
