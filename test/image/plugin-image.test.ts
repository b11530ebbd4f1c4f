import { chmod, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { describeWithTool, requireTool } from "../tool.ts";
import { buildBase, buildImage } from "./build-image.ts";
import { type Builder, type Container, openBuilder } from "./builder.ts";

const promoter = "localhost/image-promoter:test";
const argocd = "localhost/argocd:test";
const plugin = "localhost/image-promoter-plugin:test";
const rendered = "examples/plugin/image-promoter";

const isRoot = process.getuid?.() === 0;

/** The sidecar's image, by the Dockerfile that `render plugin` writes, and what Argo CD runs in it. */
describe.runIf(isRoot)("the plugin's image", () =>
  describeWithTool(["buildah", "kustomize", "helm"], () => {
    let work: string;
    let builder: Builder;
    let container: Container;

    beforeAll(async () => {
      work = await mkdtemp(join(tmpdir(), "plugin-context-"));
      builder = await openBuilder(requireTool("buildah"));
      await buildBase({ builder, work });
      await buildImage(promoter, { builder, work });
      await buildArgoCd();
      const args = [`ARGOCD_IMAGE=${argocd}`, `PROMOTER_IMAGE=${promoter}`];
      await builder.build(
        plugin,
        join(rendered, "Dockerfile"),
        rendered,
        args.flatMap((arg) => ["--build-arg", arg]),
      );
      container = await builder.container(plugin);
      await mkdir(join(container.root, "etc/image-promoter"), { recursive: true });
      await copyFile(join(rendered, "values.yaml"), join(container.root, "etc/image-promoter/values.yaml"));
      await chmod(join(container.root, "tmp"), 0o1777);
      await cp("examples", join(container.root, "tmp/examples"), { recursive: true });
    }, 180_000);

    afterAll(async () => {
      await builder?.[Symbol.asyncDispose]();
      if (work !== undefined) await rm(work, { recursive: true, force: true });
    });

    /** As much of Argo CD's image as the Dockerfile takes from it. */
    async function buildArgoCd(): Promise<void> {
      const folder = join(work, "argocd");
      await mkdir(folder);
      for (const tool of ["kustomize", "helm"] as const)
        await copyFile(requireTool(tool), join(folder, tool));
      await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY kustomize helm /usr/local/bin/\n");
      await builder.build(argocd, join(folder, "Dockerfile"), folder);
    }

    async function generate(folder: string, env: Readonly<Record<string, string>>) {
      const { command, args } = parse(await readFile(join(rendered, "plugin.yaml"), "utf8")).spec.generate;
      const line = [...command, ...args].map((word: string) =>
        word.replace("--build=.", `--build=${folder}`),
      );
      const { code, stdout, stderr } = await container.run(line, { env: { HOME: "/tmp", ...env } });
      expect(stderr).toBe("");
      expect(code).toBe(0);
      return parseAllDocuments(stdout).map((document) => document.toJS());
    }

    it("runs as Argo CD's user, without a shell", async () => {
      expect((await builder.configuration(plugin)).User).toBe("999");
      expect((await container.run(["/bin/sh", "-c", "true"])).code).not.toBe(0);
    });

    it("builds an overlay and puts the Job behind it", async () => {
      const objects = await generate("/tmp/examples/kustomize/overlays/production", {
        ARGOCD_APP_NAME: "shop",
        ARGOCD_ENV_PROMOTER_ENVIRONMENT: "production",
      });
      const job = objects.at(-1);
      expect(job).toMatchObject({
        kind: "Job",
        metadata: { name: expect.stringMatching(/^shop-image-promoter-/) },
      });
    });

    it("renders a chart and puts the Job behind it", async () => {
      const objects = await generate("/tmp/examples/post-renderer/chart", { ARGOCD_APP_NAME: "shop" });
      expect(objects.at(-1)).toMatchObject({
        kind: "Job",
        metadata: { name: expect.stringMatching(/^shop-image-/) },
      });
    });
  }),
);
