import { systemClock } from "../../job/async/clock.ts";
import type { Log } from "../../job/log.ts";
import type { ByteStream } from "../../job/oci/content.ts";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import { digestOf } from "../../job/oci/digest.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { Credentials } from "../../job/registry/credentials.ts";
import {
  openRegistry,
  type Registry,
  type RegistryOptions,
  type RequestEvent,
} from "../../job/registry/registry.ts";
import { testNetwork } from "./sockets.ts";

export interface TestRegistry extends AsyncDisposable {
  readonly registry: Registry;
  readonly events: readonly RequestEvent[];
  /** What went to the log at warn and above. */
  readonly warnings: readonly string[];
}

/** A client with a retry policy of milliseconds. */
export function openTestRegistry(host: string, options: Partial<RegistryOptions> = {}): TestRegistry {
  const events: RequestEvent[] = [];
  const warnings: string[] = [];
  const network = testNetwork();
  const log: Log = {
    debug() {},
    info() {},
    warn: (_, message) => void warnings.push(message),
    error: (_, message) => void warnings.push(message),
  };
  const registry = openRegistry({
    host,
    credentials: { credentialsFor: async () => undefined },
    network,
    clock: systemClock,
    log,
    retry: { attempts: 4, baseMs: 2, maxMs: 20 },
    onRequest: (event) => events.push(event),
    ...options,
  });
  return { registry, events, warnings, [Symbol.asyncDispose]: () => network[Symbol.asyncDispose]() };
}

/** Credentials that are sent from the first request on, as ECR's are. */
export function preemptive(...passwords: readonly string[]): RegistryOptions["credentials"] {
  const all: Credentials[] = passwords.map((password) => ({ kind: "basic", username: "AWS", password }));
  let current = 0;
  return {
    isPreemptive: () => true,
    credentialsFor: async (_, request) => {
      const refused = request?.refused;
      if (refused?.kind === "basic" && refused.password === passwords[current]) current += 1;
      return all[Math.min(current, all.length - 1)];
    },
  };
}

export function blobOf(bytes: Uint8Array, algorithm: "sha256" | "sha512" = "sha256"): Descriptor {
  return { mediaType: "application/octet-stream", digest: digestOf(bytes, algorithm), size: bytes.length };
}

/** Bytes that repeat after `period`, so that a shift shows. */
export function bytesOf(size: number, period = 251): Uint8Array {
  return Uint8Array.from({ length: size }, (_, at) => (at % period) ^ ((at >> 8) & 0xff));
}

/** No more than a stream promises: a chunk is overwritten when the next but one comes. */
export async function* streamOf(bytes: Uint8Array, chunk = 64 * 1024): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunk) {
    held.push(bytes.slice(at, at + chunk));
    if (held.length > 2) held.shift()?.fill(0xff);
    yield held.at(-1) ?? new Uint8Array();
  }
}

export async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export function manifestOf(document: object, mediaType: string = mediaTypes.ociManifest): Manifest {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}
