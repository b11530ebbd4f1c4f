import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { readBlob } from "../emulator/blob.ts";
import { withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { seededBytes } from "../fixtures/layer-archive.ts";
import { multiPlatform, platforms } from "../fixtures/platforms.ts";
import { describeWithTool } from "../tool.ts";
import { type OciClients, openClients } from "./oci-clients.ts";
import { expectWhole, readManifest } from "./read-over-http.ts";
import { openWorld, type Side, type World, type WorldKind } from "./world.ts";

const [amd64, arm64] = platforms(2);

const images: readonly (readonly [name: string, fixture: ImageFixture])[] = [
  ["an image", image({ seed: 60, layers: [3_000, 0] })],
  ["a Docker image", image({ seed: 61, family: "docker" })],
  ["an index of two platforms", multiPlatform({ seed: 62 })],
  ["a Docker manifest list", multiPlatform({ seed: 63, family: "docker" })],
  [
    "attestations beside the platforms",
    withAttestations([
      image({ seed: 64, ...(amd64 && { platform: amd64 }) }),
      image({ seed: 65, ...(arm64 && { platform: arm64 }) }),
    ]),
  ],
];

describeWithTool(["crane", "skopeo", "aws"], () => {
  describe("the emulator as ECR", () => runInterchange("ecr"));
  describe("the emulator by the specification", () => runInterchange("strict"));
  describeWithTool("docker-registry", () => runInterchange("distribution"));
});

function runInterchange(kind: WorldKind): void {
  let world: World;
  let clients: OciClients;
  beforeAll(async () => {
    world = await openWorld(kind);
    clients = await openClients(world);
  });
  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  it.each(images)("%s that we promoted is read by both", { timeout: 60_000 }, async (name, fixture) => {
    const repository = `read/${slug(name)}`;
    await world.source.put(repository, fixture, ["1"]);
    world.destination.open(repository);
    await promote(world, repository, fixture);
    const reference = `${addressOf(world.destination)}/${repository}:1`;
    await expectReadByCrane(clients, reference, fixture);
    await expectReadBySkopeo(clients, reference, fixture);
  });

  it.each(images)("%s that both pushed is promoted", { timeout: 60_000 }, async (name, fixture) => {
    const from = `docker://${addressOf(world.destination)}/outside/${slug(name)}:1`;
    await world.destination.put(`outside/${slug(name)}`, fixture, ["1"]);
    for (const client of ["crane", "skopeo"] as const) {
      const repository = `${client}/${slug(name)}`;
      world.source.open(repository);
      world.destination.open(repository);
      const to = `${addressOf(world.source)}/${repository}:1`;
      if (client === "crane") await clients.crane("copy", from.replace("docker://", ""), to);
      else await clients.skopeoCopy(from, `docker://${to}`);
      await promote(world, repository, fixture);
      await expectWhole(world.destination.open(repository), fixture);
    }
  });

  it("an image that crane made is promoted under the digest that crane says", async () => {
    const layer = join(clients.folder, "layer.tar");
    const [archive] = image({ seed: 70 }).blobs.slice(1);
    await writeFile(
      layer,
      archive === undefined ? seededBytes(10, 1) : Buffer.concat([...readBlob(archive)]),
    );
    for (const side of [world.source, world.destination]) side.open("crane/made");
    const made = await clients.crane("append", "-f", layer, "-t", `${addressOf(world.source)}/crane/made:1`);
    const digest = made.trim().split("@").at(-1);
    const { report } = await world.promote([`${world.destination.host}/crane/made:1`]);
    expect(report.images).toMatchObject([{ status: "copied", digest }]);
    const there = await clients.crane("digest", `${addressOf(world.destination)}/crane/made:1`);
    expect(there.trim()).toBe(digest);
  });

  it("what crane moved at the destination is moved back", async () => {
    const [ours, theirs] = [image({ seed: 71 }), index([image({ seed: 72 })])];
    await world.source.put("moved", ours, ["1"]);
    world.destination.open("moved");
    await promote(world, "moved", ours);
    await world.destination.put("elsewhere", theirs, ["1"]);
    const at = addressOf(world.destination);
    await clients.crane("copy", `${at}/elsewhere:1`, `${at}/moved:1`);
    const { report } = await world.promote([`${world.destination.host}/moved:1`]);
    expect(report.images).toMatchObject([{ status: "retagged", previousDigest: rootDigest(theirs) }]);
    const tagged = await readManifest(world.destination.open("moved"), "1");
    expect(tagged && digestOf(tagged.bytes)).toBe(rootDigest(ours));
  });
}

async function promote(world: World, repository: string, fixture: ImageFixture): Promise<void> {
  const { code, report } = await world.promote([`${world.destination.host}/${repository}:1`]);
  expect(report.images).toMatchObject([{ status: "copied", digest: rootDigest(fixture) }]);
  expect(code).toBe(0);
}

async function expectReadByCrane(
  clients: OciClients,
  reference: string,
  fixture: ImageFixture,
): Promise<void> {
  const root = fixture.manifests.at(-1);
  expect((await clients.crane("digest", reference)).trim()).toBe(rootDigest(fixture));
  expect(await clients.crane("manifest", reference)).toBe(Buffer.from(root?.bytes ?? []).toString());
  // Fetches every layer and proves it against manifest and config; for crane an attestation's statement is none.
  if (!isAttested(fixture)) await clients.crane("validate", "--remote", reference);
  const layout = join(clients.folder, `crane-${rootDigest(fixture).slice(7)}`);
  await clients.crane("pull", "--format=oci", reference, layout);
  await expectLayout(layout, fixture);
}

async function expectReadBySkopeo(
  clients: OciClients,
  reference: string,
  fixture: ImageFixture,
): Promise<void> {
  const root = fixture.manifests.at(-1);
  const raw = await clients.skopeoInspect("--raw", `docker://${reference}`);
  expect(raw).toBe(Buffer.from(root?.bytes ?? []).toString());
  // A folder takes Docker's media types as they are; an OCI layout would have them converted.
  const folder = join(clients.folder, `skopeo-${rootDigest(fixture).slice(7)}`);
  await clients.skopeoCopy(`docker://${reference}`, `dir:${folder}`);
  const manifest = await readFile(join(folder, "manifest.json"));
  expect(digestOf(manifest)).toBe(rootDigest(fixture));
  for (const { digest } of fixture.blobs)
    expect(digestOf(await readFile(join(folder, digest.slice(7))))).toBe(digest);
}

/** {@link https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md} */
async function expectLayout(folder: string, { manifests, blobs }: ImageFixture): Promise<void> {
  for (const digest of [
    ...manifests.map(({ descriptor }) => descriptor.digest),
    ...blobs.map(({ digest }) => digest),
  ]) {
    expect(digestOf(await readFile(join(folder, "blobs", "sha256", digest.slice(7))))).toBe(digest);
  }
}

function isAttested({ manifests }: ImageFixture): boolean {
  return manifests.some(({ bytes }) => Buffer.from(bytes).includes("application/vnd.in-toto+json"));
}

/** What people would type where references name AWS's hosts and the emulator listens elsewhere. */
function addressOf(side: Side): string {
  return new URL(side.open("address").registry).host;
}

function slug(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}
