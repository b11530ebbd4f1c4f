import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { type CommandRun, runCommand } from "../scenarios/command-run.ts";
import { describeWithTool } from "../tool.ts";
import { type OciClients, openClients } from "./oci-clients.ts";
import { readManifest } from "./read-over-http.ts";
import { toolOutput } from "./run-tool.ts";
import { openWorld, type World } from "./world.ts";

const windows = { os: "windows", architecture: "amd64", osVersion: "10.0.20348.2700" };

const byTag: Readonly<Record<string, ImageFixture>> = {
  "1-amd64": image({ seed: 301, platform: { os: "linux", architecture: "amd64" } }),
  "1-arm64": image({ seed: 302, platform: { os: "linux", architecture: "arm64", variant: "v8" } }),
  "1-arm": image({
    seed: 303,
    platform: { os: "linux", architecture: "arm", variant: "v7" },
    family: "docker",
  }),
};

describeWithTool(["docker-registry", "crane", "skopeo", "regctl", "buildah", "aws"], () => {
  let world: World;
  let clients: OciClients;
  let repository: string;
  beforeAll(async () => {
    world = await openWorld("distribution");
    clients = await openClients(world);
    repository = `${world.destination.host}/made`;
    for (const [tag, fixture] of Object.entries(byTag)) await world.destination.put("made", fixture, [tag]);
    const attested = withAttestations([image({ seed: 304, platform: windows })]);
    await world.destination.put("made", attested, ["1-windows"]);
  }, 60_000);
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const tags = [":1-arm64", ":1-amd64", ":1-arm", ":1-windows"];
  const create = async (tag: string, ...args: string[]): Promise<CommandRun> => {
    const run = await runCommand(["index", "create", `${repository}:${tag}`, ...args]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    return run;
  };
  const stored = async (tag: string) => {
    const manifest = await readManifest(world.destination.open("made"), tag);
    if (manifest === undefined) throw new Error(`no ${tag}`);
    return { ...manifest, document: JSON.parse(manifest.bytes.toString()) };
  };

  it("an index of ours holds what crane's does, apart from the order", { timeout: 60_000 }, async () => {
    await create("ours", ...tags);
    const images = tags.flatMap((tag) => ["-m", `${repository}${tag}`]);
    await clients.crane("index", "append", ...images, "-t", `${repository}:theirs`);
    const [ours, theirs] = [await stored("ours"), await stored("theirs")];
    expect(ours.mediaType).toBe(theirs.mediaType);
    expect(inAnyOrder(ours.document)).toEqual(inAnyOrder(theirs.document));
    expect(ours.document.manifests).toHaveLength(5);
  });

  it("a list of ours in Docker's media types holds what crane's does", { timeout: 60_000 }, async () => {
    await create("our-list", "--format", "docker", ":1-arm");
    await clients.crane(
      ...([
        "index",
        "append",
        "--docker-empty-base",
        "-m",
        `${repository}:1-arm`,
        "-t",
        `${repository}:their-list`,
      ] as const),
    );
    const [ours, theirs] = [await stored("our-list"), await stored("their-list")];
    expect(ours.mediaType).toBe(theirs.mediaType);
    expect(inAnyOrder(ours.document)).toEqual(inAnyOrder(theirs.document));
  });

  it("is read by crane, skopeo, regctl and buildah, byte for byte", { timeout: 60_000 }, async () => {
    await create("read", ...tags, "--annotation", "org.opencontainers.image.title=größer & <kleiner>");
    const { bytes } = await stored("read");
    const reference = `${repository}:read`;
    const digest = digestOf(bytes);
    expect((await clients.crane("digest", reference)).trim()).toBe(digest);
    await clients.crane("validate", "--remote", reference, "--fast");
    for (const [platform, tag] of [
      ["linux/amd64", "1-amd64"],
      ["linux/arm64", "1-arm64"],
      ["linux/arm/v7", "1-arm"],
    ] as const) {
      const fixture = byTag[tag];
      const found = await clients.crane("digest", "--platform", platform, reference);
      expect(found.trim()).toBe(fixture && rootDigest(fixture));
    }
    expect(await clients.skopeoInspect("--raw", `docker://${reference}`)).toBe(bytes.toString());
    const folder = join(clients.folder, "read");
    await clients.skopeoCopy(`docker://${reference}`, `dir:${folder}`);
    expect(digestOf(await readFile(join(folder, "manifest.json")))).toBe(digest);
    const env = {
      HOME: clients.folder,
      ...(await buildahEnvironment(clients.folder, world.destination.host)),
    };
    const config = join(clients.folder, ".regctl.json");
    await writeFile(config, JSON.stringify({ hosts: { [world.destination.host]: { tls: "disabled" } } }));
    const regctl = await toolOutput("regctl", ["manifest", "get", "--format", "raw-body", reference], {
      env: { ...env, REGCTL_CONFIG: config },
    });
    expect(regctl.trim()).toBe(bytes.toString());
    const buildah = (...args: string[]) => toolOutput("buildah", args, { env });
    await buildah("manifest", "create", "--tls-verify=false", "--all", "read", `docker://${reference}`);
    const { manifests } = JSON.parse(await buildah("manifest", "inspect", "read"));
    const digests = (entries: readonly { readonly digest: string }[]) => entries.map((entry) => entry.digest);
    expect(digests(manifests)).toEqual(digests(JSON.parse(bytes.toString()).manifests));
  });

  it("what buildah made is extended, and what we made buildah extends", { timeout: 60_000 }, async () => {
    const env = {
      HOME: clients.folder,
      ...(await buildahEnvironment(clients.folder, world.destination.host)),
    };
    const buildah = (...args: string[]) => toolOutput("buildah", args, { env });
    await buildah("manifest", "create", "list");
    await buildah("manifest", "add", "--tls-verify=false", "list", `docker://${repository}:1-amd64`);
    await buildah(
      "manifest",
      "push",
      "--tls-verify=false",
      "--all",
      "list",
      `docker://${repository}:buildah`,
    );
    const run = await runCommand(["index", "append", `${repository}:buildah`, ":1-arm64"]);
    expect(run.code).toBe(0);
    const { document } = await stored("buildah");
    expect(document.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
      { architecture: "amd64", os: "linux" },
      { architecture: "arm64", os: "linux", variant: "v8" },
    ]);
    await create("2", ":1-amd64");
    await buildah("manifest", "create", "--tls-verify=false", "--all", "more", `docker://${repository}:2`);
    await buildah("manifest", "add", "--tls-verify=false", "more", `docker://${repository}:1-arm64`);
    expect(JSON.parse(await buildah("manifest", "inspect", "more")).manifests).toHaveLength(2);
  });

  it("images of another repository are mounted", { timeout: 60_000 }, async () => {
    const run = await runCommand([
      "index",
      "create",
      `${world.destination.host}/fresh:1`,
      `${repository}:1-amd64`,
      "-o",
      "json",
    ]);
    expect(run.code).toBe(0);
    const [{ bytesMounted, bytesCopied }] = JSON.parse(run.stdout).indexes;
    const fixture = byTag["1-amd64"];
    expect(bytesMounted).toBe(fixture?.blobs.reduce((sum, { size }) => sum + size, 0));
    expect(bytesCopied).toBe(fixture?.descriptor.size);
    await clients.crane("validate", "--remote", `${world.destination.host}/fresh:1`);
  });
});

interface Document {
  readonly manifests: readonly { readonly digest: string; readonly artifactType?: string }[];
}

/**
 * Members by their digests. crane gives an image's entry the media type of its configuration as `artifactType`, which
 * the specification keeps for artifacts and no other tool writes.
 */
function inAnyOrder({ manifests, ...rest }: Document): object {
  const plain = manifests.map(({ artifactType, ...entry }) =>
    artifactType === undefined || /(image\.config\.v1|container\.image\.v1)\+json$/.test(artifactType)
      ? entry
      : { ...entry, artifactType },
  );
  return { ...rest, manifests: plain.toSorted((a, b) => (a.digest < b.digest ? -1 : 1)) };
}

/** Storage of its own, without privileges of the kernel. */
async function buildahEnvironment(folder: string, host: string): Promise<Record<string, string>> {
  const storage = join(folder, "containers");
  await mkdir(storage, { recursive: true });
  const config = join(storage, "storage.conf");
  await writeFile(
    config,
    `[storage]\ndriver = "vfs"\ngraphroot = ${JSON.stringify(join(storage, "root"))}\nrunroot = ${JSON.stringify(join(storage, "run"))}\n`,
  );
  const policy = join(folder, ".config", "containers");
  await mkdir(policy, { recursive: true });
  await writeFile(
    join(policy, "policy.json"),
    JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }),
  );
  const registries = join(storage, "registries.conf");
  await writeFile(registries, `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`);
  return {
    CONTAINERS_STORAGE_CONF: config,
    CONTAINERS_REGISTRIES_CONF: registries,
    BUILDAH_ISOLATION: "chroot",
  };
}
