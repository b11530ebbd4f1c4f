import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { version } from "../../job/version.ts";
import { runCommand } from "../scenarios/command-run.ts";

async function render(...args: readonly string[]) {
  const run = await runCommand(["render", "plugin", "--output-dir", "out", ...args]);
  return { ...run, file: (path: string) => parse(run.written.get(`out/${path}`) ?? "") };
}

describe("render plugin", () => {
  it("lets a folder choose the plugin by a file, which may be another one or none", async () => {
    const rule = async (...args: readonly string[]) =>
      (await render(...args)).file("plugin.yaml").spec.discover;
    expect(await rule()).toEqual({ fileName: "promoter.yaml" });
    expect(await rule("--discover=*/shop.yaml")).toEqual({ fileName: "*/shop.yaml" });
    expect(await rule("--discover=none")).toBeUndefined();
  });

  it("gives the sidecar routes for all applications", async () => {
    const { file } = await render(
      "--from=a.example/team, b.example",
      "--to=c.example",
      "--image=c.example/plugin:1",
    );
    const [sidecar] = file("repo-server.yaml").spec.template.spec.containers;
    expect(sidecar.image).toBe("c.example/plugin:1");
    expect(sidecar.env).toEqual(
      expect.arrayContaining([
        { name: "PROMOTER_FROM", value: "a.example/team,b.example" },
        { name: "PROMOTER_TO", value: "c.example" },
      ]),
    );
  });

  it("writes only what was said into the Jobs' values, so that promoter.yaml counts for the rest", async () => {
    const { file } = await render("--service-account=promoter", "--hook=argocd", "--wave=-3");
    expect(file("values.yaml")).toEqual({
      serviceAccount: { name: "promoter" },
      hook: { engine: "argocd", wave: -3 },
    });
  });

  it("builds the sidecar's image on that of the Jobs", async () => {
    const { written } = await render("--promoter-image=c.example/promoter:2");
    expect(written.get("out/Dockerfile")).toContain("\nARG PROMOTER_IMAGE=c.example/promoter:2\n");
    const plain = await render();
    expect(plain.written.get("out/Dockerfile")).toContain(
      `\nARG PROMOTER_IMAGE=argocd-image-promoter:${version}\n`,
    );
  });

  it("writes a plugin of Helm 4", async () => {
    const { written, file } = await render("--for=helm");
    expect([...written.keys()]).toEqual(["out/plugin.yaml"]);
    expect(file("plugin.yaml")).toMatchObject({ apiVersion: "v1", type: "postrenderer/v1", version });
  });

  it("refuses values that no Job could have", async () => {
    expect(await render("--promoter-image=A B")).toMatchObject({ code: 2, written: new Map() });
  });
});
