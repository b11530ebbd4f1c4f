import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly state: "whole"; readonly text: string }
  | { readonly state: "too-large" }
  /** The other side broke off. */
  | { readonly state: "gone" };

/** Reads a request's body, of which no more than `mostBytes` are ever held. */
export async function readBody(request: IncomingMessage, mostBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(request.headers["content-length"] ?? 0) > mostBytes) return { state: "too-large" };
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      size += chunk.length;
      if (size > mostBytes) return { state: "too-large" };
      chunks.push(chunk);
    }
  } catch {
    return { state: "gone" };
  }
  return { state: "whole", text: Buffer.concat(chunks).toString("utf8") };
}
