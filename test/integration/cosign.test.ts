import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { signatureGate } from "../../job/gates/signature.ts";
import { parseReference } from "../../job/oci/reference.ts";
import type { GateVerdict } from "../../job/promotion/gate.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import { openTestRegistry } from "../registry/open-test-registry.ts";
import { describeWithTool } from "../tool.ts";
import { toolOutput } from "./run-tool.ts";
import { openWorld, type World, type WorldKind } from "./world.ts";

const image = multiPlatform({ seed: 90 });
const digest = rootDigest(image);

describeWithTool("cosign", () => {
  let folder: string;
  let world: World;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cosign-"));
    for (const name of ["ours", "theirs"]) await cosign("generate-key-pair", "--output-key-prefix", name);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs cosign with a home, a key and a password of its own, and without the public log. */
  function cosign(...args: readonly string[]): Promise<string> {
    const env = {
      HOME: folder,
      DOCKER_CONFIG: folder,
      COSIGN_PASSWORD: "for a test",
      SIGSTORE_NO_CACHE: "1",
    };
    return toolOutput("cosign", args, { env, folder });
  }

  function sign(repository: string, key: string, ...more: readonly string[]): Promise<string> {
    const name = `${world.source.host}/${repository}@${digest}`;
    const local = ["--yes", "--tlog-upload=false", "--allow-http-registry"];
    return cosign("sign", ...local, "--key", `${key}.key`, ...more, name);
  }

  async function check(repository: string): Promise<GateVerdict> {
    const pem = await readFile(join(folder, "ours.pub"), "utf8");
    await using client = openTestRegistry(world.source.host);
    const from = client.registry.repository(repository);
    const manifest = await from.fetchManifest(digest);
    if (manifest === undefined) throw new Error("the image is not there");
    const root = { manifest, children: [], blobs: [], members: [], present: false };
    const source = parseReference(`${world.source.host}/${repository}@${digest}`);
    const gate = signatureGate({ keys: [{ name: "ours.pub", pem }] });
    return await gate.check({ destination: source, source, from, root, attachments: [] }, {});
  }

  for (const kind of ["strict", "distribution"] as const satisfies readonly WorldKind[]) {
    describeWithTool(kind === "distribution" ? "docker-registry" : [], () => {
      beforeAll(async () => {
        world = await openWorld(kind);
      });
      afterAll(() => world[Symbol.asyncDispose]());

      it.each([
        ["a tag", [], /ours\.pub .*\(simple signing\)$/],
        ["a referrer", ["--new-bundle-format"], /ours\.pub .*\(sigstore bundle\)$/],
      ])(
        "a signature as %s is accepted only of our key",
        { timeout: 60_000 },
        async (form, flags, detail) => {
          const repository = `signed/by-${form.replaceAll(" ", "-")}`;
          await world.source.put(repository, image, ["1"]);
          expect((await check(repository)).detail).toBe("it has no signature");
          await sign(repository, "theirs", ...flags);
          expect((await check(repository)).detail).toBe(
            "its signature was not accepted: 1. none of the keys made it",
          );
          await sign(repository, "ours", ...flags);
          const verdict = await check(repository);
          expect(verdict.detail).toMatch(detail);
          expect(verdict.refusal).toBeUndefined();
        },
      );
    });
  }
});
