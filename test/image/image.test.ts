import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import { image as imageFixture, index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { describeWithTool, requireTool } from "../tool.ts";
import { startGitServer } from "../update/git/git-server.ts";
import { buildBase, buildImage } from "./build-image.ts";
import { type Builder, type Container, type ImageConfiguration, openBuilder } from "./builder.ts";
import { buildDebian, debianImage } from "./debian.ts";

const image = "localhost/image-promoter:test";
const gitImage = "localhost/image-promoter-git:test";

/** Has Node, the one in the image, say whether its V8 takes what is in the code cache. */
const readCache = [
  "/nodejs/bin/node",
  "--eval",
  `const { readFileSync } = require("node:fs");
   const cachedData = readFileSync("/app/program.cache");
   const script = new (require("node:vm").Script)(readFileSync("/app/program.js", "latin1"), { cachedData });
   console.log(script.cachedDataRejected ? "rejected" : "accepted");`,
];

/** Where buildah may not mount, as an ordinary user, there is nothing to be seen of an image. */
const isRoot = process.getuid?.() === 0;

describe.runIf(isRoot)("the image", () =>
  describeWithTool("buildah", () => {
    let work: string;
    let builder: Builder;
    let configuration: ImageConfiguration;
    let container: Container;
    const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      container.run([...configuration.Entrypoint, ...args], { env });

    beforeAll(async () => {
      work = await mkdtemp(join(tmpdir(), "image-context-"));
      builder = await openBuilder(requireTool("buildah"));
      await buildBase({ builder, work });
      await buildImage(
        image,
        { builder, work },
        { VERSION: "1.2.3", REVISION: "abc123", SOURCE: "https://example.com/it" },
      );
      configuration = await builder.configuration(image);
      container = await builder.container(image);
    }, 120_000);

    afterAll(async () => {
      await builder?.[Symbol.asyncDispose]();
      if (work !== undefined) await rm(work, { recursive: true, force: true });
    });

    it("runs as nobody in particular, by an entrypoint that needs no shell", () => {
      expect(configuration.User).toBe("65532:65532");
      expect(configuration.Entrypoint).toEqual(["/nodejs/bin/node", "/app/image-promoter.js"]);
    });

    it("says what it is and where it comes from", () => {
      expect(configuration.Labels).toMatchObject({
        "org.opencontainers.image.title": "argocd-image-promoter",
        "org.opencontainers.image.description": manifest.description,
        "org.opencontainers.image.licenses": manifest.license,
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.revision": "abc123",
        "org.opencontainers.image.source": "https://example.com/it",
      });
    });

    it("holds Node, the program, its licences and its code cache, and no shell", async () => {
      expect((await readdir(join(container.root, "app"))).sort()).toEqual([
        "LICENSE",
        "THIRD_PARTY_LICENSES.txt",
        "chunks",
        "image-promoter.js",
        "package.json",
        "program.cache",
        "program.js",
      ]);
      const shell = await container.run(["/bin/sh", "-c", "true"]);
      expect(shell.code).not.toBe(0);
    });

    it("lets its user change nothing of the program", async () => {
      const files = await readdir(join(container.root, "app"), { recursive: true });
      expect(files.filter((file) => file.endsWith(".cache")).length).toBeGreaterThan(1);
      for (const file of ["/app", ...files.map((name) => `/app/${name}`)]) {
        const { uid, mode } = await stat(join(container.root, file));
        expect({ file, uid, writableByOthers: (mode & 0o022) !== 0 }).toEqual({
          file,
          uid: 0,
          writableByOthers: false,
        });
      }
    });

    it("starts from its code cache", async () => {
      const [version, read] = [await run(["version"]), await container.run(readCache)];
      expect(version).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
      expect(read.stdout).toBe("accepted\n");
    });

    it("promotes from one account to another, with the credentials that it is given", async () => {
      await using emulator = await startEcrEmulator();
      const [from, to] = [
        await registryOf(emulator, "111111111111"),
        await registryOf(emulator, "222222222222"),
      ];
      const auths = { [from.host]: { auth: from.token }, [to.host]: { auth: to.token } };
      const fixture = index([1, 2, 3].map((seed) => imageFixture({ seed, layers: [200_000, 5_000] })));
      placeImage(from.repository, fixture, { tags: ["1.4.2"] });
      await writeFile(join(container.root, "tmp", "config.json"), JSON.stringify({ auths }));

      const promote = () =>
        run(["promote", `${to.host}/app:1.4.2`, "--from", from.host, "--to", to.host, "-o", "json"], {
          DOCKER_CONFIG: "/tmp",
        });
      const [first, second] = [await promote(), await promote()];

      expect(first).toMatchObject({ code: 0 });
      expect(JSON.parse(first.stdout)).toMatchObject({ summary: { images: 1, copied: 1, failed: 0 } });
      expect(to.repository.imageTags.get("1.4.2")).toBe(rootDigest(fixture));
      expect(JSON.parse(second.stdout)).toMatchObject({ summary: { upToDate: 1, bytesCopied: 0 } });
    });

    it("leaves its file system as it was, so that it may be read-only", async () => {
      const before = await filesOf(container.root);
      await run(["version"]);
      expect(await filesOf(container.root)).toEqual(before);
    });

    describe("with git", () => {
      let withGit: ImageConfiguration;
      let gitContainer: Container;
      const runWithGit = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
        gitContainer.run([...withGit.Entrypoint, ...args], { env });

      beforeAll(async () => {
        await buildDebian({ builder, work });
        await buildImage(
          gitImage,
          { builder, work, target: "git" },
          { GIT_BASE_IMAGE: debianImage, VERSION: "1.2.3" },
        );
        withGit = await builder.configuration(gitImage);
        gitContainer = await builder.container(gitImage);
      }, 120_000);

      it("is the other image, where git is", async () => {
        expect(withGit.User).toBe("65532:65532");
        expect(withGit.Entrypoint).toEqual(["/nodejs/bin/node", "/app/image-promoter.js"]);
        expect(withGit.Labels).toMatchObject({ "org.opencontainers.image.version": "1.2.3" });
        expect(await runWithGit(["version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` });
        expect(await gitContainer.run(readCache)).toMatchObject({ stdout: "accepted\n" });
      });

      it("writes a newer tag to git", async () => {
        await using emulator = await startEcrEmulator();
        await using git = await startGitServer({ "values.yaml": "image:\n  tag: 1.4.2 # now\n" });
        const host = await emulator.listen("111111111111", "eu-west-1");
        const token = emulator.account("111111111111").admin().mintToken().authorizationToken;
        for (const [seed, tag] of ["1.4.2", "1.5.0"].entries())
          placeImage(emulator.repository("111111111111", "eu-west-1", "app"), imageFixture({ seed }), {
            tags: [tag],
          });
        const files = {
          "config.json": JSON.stringify({ auths: { [host]: { auth: token } } }),
          "promoter.yaml": JSON.stringify({
            apiVersion: "image-promoter/v1",
            kind: "Promoter",
            update: {
              applications: [
                {
                  name: "shop",
                  repository: git.address,
                  images: [{ image: `${host}/app`, write: [{ values: "values.yaml", tag: "image.tag" }] }],
                },
              ],
            },
          }),
        };
        for (const [name, text] of Object.entries(files))
          await writeFile(join(gitContainer.root, "tmp", name), text);
        const done = await runWithGit(["update", "--config", "/tmp/promoter.yaml"], {
          DOCKER_CONFIG: "/tmp",
        });
        expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining("1.4.2 → 1.5.0") });
        expect(await git.file("values.yaml")).toBe("image:\n  tag: 1.5.0 # now\n");
      });
    });
  }),
);

/** A registry with the repository `app`, and an administrator's token for it. */
async function registryOf(emulator: EcrEmulator, account: string) {
  const region = "eu-west-1";
  const host = await emulator.listen(account, region);
  const repository = emulator.repository(account, region, "app");
  const token = emulator.account(account).admin().mintToken().authorizationToken;
  return { host, repository, token };
}

/** Every file under a folder with its size and the time of its last change. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return await Promise.all(
    files.sort().map(async (file) => {
      const { size, mtimeMs } = await stat(file);
      return `${file} ${size} ${mtimeMs}`;
    }),
  );
}
