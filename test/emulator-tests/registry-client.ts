import { createHash } from "node:crypto";
import { Agent, request } from "undici";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { Repository, RepositorySettings } from "../emulator/repository.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  /** The code of the first error in the body. */
  readonly code: string | undefined;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** One registry of one emulator, seen by a client without any cleverness. */
export interface Registry extends AsyncDisposable {
  readonly emulator: EcrEmulator;
  readonly repository: Repository;
  /** Scheme, address and port of the listener that is this registry. */
  readonly url: string;
  /** `Basic …` of a user who may do everything. */
  readonly authorization: string;
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
}

export const account = "111111111111";
export const region = "eu-west-1";

/** An emulator with the repository `app`. */
export async function openRegistry(
  options: EmulatorOptions = {},
  settings: RepositorySettings = {},
): Promise<Registry> {
  const emulator = await startEcrEmulator(options);
  const repository = emulator.repository(account, region, "app", settings);
  const url = `http://${await emulator.listen(account, region)}`;
  const dispatcher = new Agent();
  const { authorizationToken } = emulator.account(account).admin().mintToken();
  const authorization = `Basic ${authorizationToken}`;
  return {
    emulator,
    repository,
    url,
    authorization,
    async ask(method, path, { headers = {}, body } = {}) {
      const answer = await request(new URL(path, url), {
        method,
        dispatcher,
        headers: { authorization, ...headers },
        ...(body !== undefined && { body }),
      });
      return readAnswer(answer.statusCode, answer.headers, Buffer.from(await answer.body.arrayBuffer()));
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

export function readAnswer(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  bytes: Buffer,
): Answer {
  const text = bytes.toString();
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value?.toString()])),
    bytes,
    text,
    code: /"code":"([A-Z_]+)"/.exec(text)?.[1],
  };
}

export function sha256(bytes: Uint8Array | string): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function sha512(bytes: Uint8Array | string): `sha512:${string}` {
  return `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
}

/** Begins an upload; the address of it. */
export async function beginUpload(registry: Registry, query = ""): Promise<string> {
  const answer = await registry.ask("POST", `/v2/app/blobs/uploads/${query}`);
  return String(answer.headers.location);
}

/** Pushes a blob in one piece. */
export async function pushBlob(registry: Registry, bytes: Uint8Array | string): Promise<Answer> {
  const location = await beginUpload(registry);
  return await registry.ask("PUT", `${location}?digest=${sha256(bytes)}`, {
    headers: { "content-type": "application/octet-stream" },
    body: Buffer.from(bytes),
  });
}

export async function pushManifest(
  registry: Registry,
  target: string,
  { descriptor, bytes }: { descriptor: { mediaType: string }; bytes: Uint8Array },
): Promise<Answer> {
  return await registry.ask("PUT", `/v2/app/manifests/${target}`, {
    headers: { "content-type": descriptor.mediaType },
    body: Buffer.from(bytes),
  });
}
