import type { IncomingHttpHeaders } from "node:http";
import type { EmulatorContext } from "../emulator-context.ts";
import type { Principal } from "../identity.ts";
import type { RegistryAddress } from "../registry-host.ts";
import type { Repository } from "../repository.ts";
import type { StorageOrigin } from "../storage-origin.ts";

/** A request to `/v2` before it is known who asks. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** The body as it arrives; it can be read once. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly registry: RegistryAddress;
}

/** A request that was let in, about a repository that is there. */
export interface RegistryCall extends RegistryRequest {
  readonly context: EmulatorContext;
  readonly storage: StorageOrigin;
  readonly principal: Principal | undefined;
  readonly repository: Repository;
  /** The tag, digest or upload's id at the end of the path. */
  readonly target: string;
}

/** The media type that was sent, without parameters. */
export function contentType(headers: IncomingHttpHeaders): string {
  return (headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** Reads a whole body; undefined as soon as it has more than `limit` bytes. */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
