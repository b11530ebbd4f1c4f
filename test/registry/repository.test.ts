import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../job/oci/descriptor.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import { findTool, toolsAreRequired } from "../tool.ts";
import { rejection } from "./everything.ts";
import {
  all,
  blobOf,
  bytesOf,
  collect,
  manifestOf,
  openTestRegistry,
  preemptive,
  streamOf,
  type TestRegistry,
} from "./open-test-registry.ts";

const account = "111122223333";
const region = "eu-west-1";
const host = registryHost(account, region);
const config = blobOf(new TextEncoder().encode("{}"));
const layerBytes = bytesOf(700_000, 233);
const layer = blobOf(layerBytes);

function imageOf(annotations: Record<string, string> = {}, subject?: Descriptor): Manifest {
  return manifestOf({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { ...config, mediaType: mediaTypes.ociConfig },
    layers: [{ ...layer, mediaType: "application/vnd.oci.image.layer.v1.tar" }],
    annotations,
    ...(subject && { subject }),
  });
}

interface World extends AsyncDisposable {
  readonly client: TestRegistry;
}

function clientOf(emulator: EcrEmulator, options: Partial<RegistryOptions> = {}): TestRegistry {
  const { password } = emulator.account(account).admin().mintToken();
  return openTestRegistry(host, {
    endpoint: new URL(emulator.url),
    credentials: preemptive(password),
    ...options,
  });
}

async function emulated(mode: "ecr" | "strict"): Promise<World> {
  const emulator = await startEcrEmulator({ mode });
  for (const name of ["team/app", "team/base"]) emulator.repository(account, region, name);
  emulator.account(account).setBlobMounting(region, "ENABLED");
  const client = clientOf(emulator);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await emulator[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Debian's docker-registry: distribution 2.8, without referrers API. */
async function distribution(program: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "docker-registry-"));
  const port = await freePort();
  const file = join(folder, "config.yml");
  await writeFile(
    file,
    `version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: ${folder}}}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
  );
  const server = spawn(program, ["serve", file], { stdio: "ignore" });
  const client = openTestRegistry(`127.0.0.1:${port}`);
  for (let tries = 0; tries < 100; tries += 1) {
    if (
      await client.registry.ping().then(
        () => true,
        () => false,
      )
    )
      break;
    await delay(50);
  }
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      server.kill();
      await once(server, "exit");
      await rm(folder, { recursive: true });
    },
  };
}

async function pushImage({ client }: World, name: string, image: Manifest, tag: string): Promise<void> {
  const repository = client.registry.repository(name);
  await repository.pushBlob(config, async () => streamOf(new TextEncoder().encode("{}")));
  await repository.pushBlob(layer, async () => streamOf(layerBytes));
  await repository.pushManifest(image, tag);
}

const program = findTool("docker-registry");
const worlds: [string, (() => Promise<World>) | undefined][] = [
  ["the emulator as ECR", () => emulated("ecr")],
  ["the emulator by the specification", () => emulated("strict")],
  ["distribution 2.8", program === undefined ? undefined : () => distribution(program)],
];

describe.each(worlds)("a repository of %s", (_, open) => {
  const run = open === undefined && !toolsAreRequired() ? it.skip : it;
  const world = async () => {
    if (open === undefined) throw new Error("docker-registry is missing: install it");
    return open();
  };

  run("takes an image in seven requests and gives it back byte for byte", async () => {
    await using here = await world();
    const image = imageOf();
    const before = here.client.events.length;
    await pushImage(here, "team/app", image, "v1");
    const methods = here.client.events.slice(before).map(({ method }) => method);
    expect(methods).toEqual(["POST", "PUT", "POST", "PUT", "PUT"]);
    const repository = here.client.registry.repository("team/app");
    expect(await repository.resolve("v1")).toEqual(image.descriptor);
    expect(await repository.resolve(image.descriptor.digest)).toEqual(image.descriptor);
    expect(here.client.events.slice(before + methods.length).map(({ method }) => method)).toEqual([
      "HEAD",
      "HEAD",
    ]);
    const found = await repository.fetchManifest("v1");
    expect(Buffer.from(found?.bytes ?? []).equals(image.bytes)).toBe(true);
    expect(await repository.hasBlob(layer)).toBe(true);
    expect((await collect(await repository.fetchBlob(layer))).equals(layerBytes)).toBe(true);
    expect(await all(repository.tags())).toEqual(["v1"]);
  });

  run("tells what is not there from what could not be asked", async () => {
    await using here = await world();
    const repository = here.client.registry.repository("team/app");
    const absent = blobOf(bytesOf(10));
    await repository.pushBlob(config, async () => streamOf(new TextEncoder().encode("{}")));
    expect(await repository.resolve("v9")).toBeUndefined();
    expect(await repository.fetchManifest(absent.digest)).toBeUndefined();
    expect(await repository.hasBlob(absent)).toBe(false);
    expect(await rejection(repository.fetchBlob(absent))).toMatchObject({ code: "BlobUnknown" });
    expect(await all(repository.referrers(absent.digest))).toEqual([]);
  });

  run("mounts from another repository", async () => {
    await using here = await world();
    await pushImage(here, "team/base", imageOf(), "v1");
    const repository = here.client.registry.repository("team/app");
    let opened = 0;
    const open = async () => {
      opened += 1;
      return streamOf(layerBytes);
    };
    expect(await repository.pushBlob(layer, open, { mountFrom: "team/base" })).toBe("mounted");
    expect(opened).toBe(0);
    expect(await repository.hasBlob(layer)).toBe(true);
    const other = blobOf(bytesOf(5_000, 11));
    const from = { mountFrom: "team/base" };
    expect(await repository.pushBlob(other, async () => streamOf(bytesOf(5_000, 11)), from)).toBe("sent");
  });

  run("refuses a manifest whose blobs are missing", async () => {
    await using here = await world();
    const repository = here.client.registry.repository("team/app");
    const error = await rejection(repository.pushManifest(imageOf(), "v1"));
    expect(error).toMatchObject({ code: "ManifestBlobUnknown", temporary: false });
    expect(await repository.resolve("v1")).toBeUndefined();
  });

  run("lists what is attached to an image, by the API or by the tag", async () => {
    await using here = await world();
    const image = imageOf();
    await pushImage(here, "team/app", image, "v1");
    const repository = here.client.registry.repository("team/app");
    const signatures = ["one", "two"].map((name) => imageOf({ name }, image.descriptor));
    for (const signature of signatures) {
      const { digest } = signature.descriptor;
      await repository.pushManifest(signature, digest);
      const entry = { ...signature.descriptor, artifactType: mediaTypes.ociConfig };
      await repository.linkReferrers(image.descriptor.digest, [entry]);
      await repository.linkReferrers(image.descriptor.digest, [entry]);
    }
    const listed = await all(repository.referrers(image.descriptor.digest));
    expect(listed.map(({ digest }) => digest).sort()).toEqual(
      signatures.map(({ descriptor }) => descriptor.digest).sort(),
    );
  });

  run("leaves nothing of an upload that was stopped", async () => {
    await using here = await world();
    const repository = here.client.registry.repository("team/app");
    const stop = new AbortController();
    const slowly = async () =>
      (async function* () {
        yield layerBytes.subarray(0, 300_000);
        yield layerBytes.subarray(300_000, 400_000);
        stop.abort(new Error("stopped"));
        await delay(50);
        yield layerBytes.subarray(400_000);
      })();
    expect(String(await rejection(repository.pushBlob(layer, slowly, { signal: stop.signal })))).toBe(
      "Error: stopped",
    );
    expect(await repository.hasBlob(layer)).toBe(false);
    expect(here.client.events.at(-2)).toMatchObject({ method: "DELETE", kind: "upload-part" });
  });
});

describe("ECR", () => {
  const setUp = async (settings = {}, options: Partial<RegistryOptions> = {}) => {
    const emulator = await startEcrEmulator();
    emulator.repository(account, region, "team/app", settings);
    const client = clientOf(emulator, options);
    return {
      emulator,
      client,
      repository: client.registry.repository("team/app"),
      async [Symbol.asyncDispose]() {
        await client[Symbol.asyncDispose]();
        await emulator[Symbol.asyncDispose]();
      },
    };
  };

  it("is content with a rerun against an immutable tag, and names both digests otherwise", async () => {
    await using here = await setUp({ imageTagMutability: "IMMUTABLE" });
    const image = imageOf();
    await pushImage(here, "team/app", image, "v1");
    await here.repository.pushManifest(image, "v1");
    const other = imageOf({ other: "yes" });
    const error = await rejection(here.repository.pushManifest(other, "v1"));
    expect(error).toMatchObject({ code: "TagImmutable" });
    expect(String(error)).toContain(image.descriptor.digest);
    expect(String(error)).toContain(other.descriptor.digest);
    expect(await here.repository.resolve("v1")).toEqual(image.descriptor);
  });

  it("renews a token that it refuses in the middle of a copy", async () => {
    await using emulator = await startEcrEmulator();
    emulator.repository(account, region, "team/app");
    const admin = emulator.account(account).admin();
    const [first, second] = [admin.mintToken().password, admin.mintToken().password];
    await using client = clientOf(emulator, { credentials: preemptive(first, second) });
    emulator.faults.add({ kind: "upload-finish", nth: 1, times: 1 }, { do: "expired-token" });
    const repository = client.registry.repository("team/app");
    expect(await repository.pushBlob(layer, async () => streamOf(layerBytes))).toBe("sent");
    expect(await repository.hasBlob(layer)).toBe(true);
  });

  it("keeps its blobs elsewhere, where no Authorization may go", async () => {
    await using here = await setUp();
    await pushImage(here, "team/app", imageOf(), "v1");
    here.emulator.clearRequests();
    expect((await collect(await here.repository.fetchBlob(layer))).equals(layerBytes)).toBe(true);
    expect(here.emulator.requests.map(({ kind, status }) => [kind, status])).toEqual([
      ["blob-get", 307],
      ["storage", 200],
    ]);
    expect(here.emulator.requests[1]?.headers).not.toHaveProperty("authorization");
  });

  it.each([
    ["breaks after some bytes", { do: "reset-after-response-bytes", bytes: 200_000 }],
    ["ends too early", { do: "truncate", bytes: 200_000 }],
    [
      "refuses the signed address",
      { do: "status", status: 403, body: "<Error><Code>AccessDenied</Code></Error>" },
    ],
    ["slows down", { do: "status", status: 503, body: "<Error><Code>SlowDown</Code></Error>" }],
  ] as const)("goes on when the storage %s", async (_, effect) => {
    await using here = await setUp();
    await pushImage(here, "team/app", imageOf(), "v1");
    here.emulator.faults.add({ kind: "storage", times: 1 }, effect);
    expect((await collect(await here.repository.fetchBlob(layer))).equals(layerBytes)).toBe(true);
  });

  it.each([
    ["breaks while it is sent", { do: "reset-after-request-bytes", bytes: 200_000 }],
    ["is committed without an answer", { do: "drop-response" }],
    ["is answered 500", { do: "status", status: 500 }],
  ] as const)("has the blob in the end when the upload %s", async (_, effect) => {
    await using here = await setUp();
    here.emulator.faults.add({ kind: "upload-finish", times: 1 }, effect);
    expect(await here.repository.pushBlob(layer, async () => streamOf(layerBytes))).toBe("sent");
    expect(await here.repository.hasBlob(layer)).toBe(true);
  });

  it("takes chunks of 5 MiB, answers 201 and a stale range", async () => {
    await using here = await setUp({}, { uploadChunkBytes: 1 });
    const bytes = bytesOf(12 * 1024 * 1024, 199);
    const blob = blobOf(bytes);
    here.emulator.faults.add({ kind: "upload-finish", times: 1 }, { do: "status", status: 413 });
    expect(await here.repository.pushBlob(blob, async () => streamOf(bytes))).toBe("sent");
    expect(
      here.emulator.requests.filter(({ kind }) => kind === "upload-part").map(({ status }) => status),
    ).toEqual([201, 201, 201]);
    expect(await here.repository.hasBlob(blob)).toBe(true);
  });

  it("says that the repository is missing, in the words of those who know how to create it", async () => {
    const hint = (name: string) => `aws ecr create-repository --repository-name ${name}`;
    await using here = await setUp({}, { describeMissingRepository: hint });
    const missing = here.client.registry.repository("team/new");
    expect(await missing.resolve("v1")).toBeUndefined();
    const error = await rejection(missing.pushBlob(layer, async () => streamOf(layerBytes)));
    expect(error).toMatchObject({ code: "NameUnknown", hint: hint("team/new"), temporary: false });
  });
});
