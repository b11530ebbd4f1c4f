import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { runCommand } from "../scenarios/command-run.ts";

const routed = ["--from=dev.example.com", "--to=prod.example.com"];
const manifests = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "prod.example.com/web:1"}, {name: log, image: fluentd}]}}}
`;

async function render(args: readonly string[], input = "") {
  const run = await runCommand(["render", "kustomize", "--output-dir", "out", ...args], { input });
  const file = (path: string) => parse(run.written.get(`out/${path}`) ?? "");
  return { ...run, file, paths: [...run.written.keys()].map((path) => path.replace(/^out\//, "")) };
}

describe("render kustomize", () => {
  it("writes a replacement for each image that a route leads to", async () => {
    const { code, file } = await render(["-f", "-", ...routed], manifests);
    expect(code).toBe(0);
    expect(file("replacements.yaml").map(({ source }: { source: object }) => source)).toEqual([
      { kind: "Deployment", name: "web", fieldPath: "spec.template.spec.containers.[name=web].image" },
    ]);
  });

  it("writes one for each workload that is named, before those of manifests", async () => {
    const { file } = await render(["-f", "-", "--workload=CronJob/nightly:job", ...routed], manifests);
    expect(file("replacements.yaml").map(({ source }: { source: { name: string } }) => source.name)).toEqual([
      "nightly",
      "web",
    ]);
  });

  it("writes a folder for transformers", async () => {
    const { paths, file } = await render(["--workload=Deployment/web:web", "--as=transformer", ...routed]);
    expect(paths).not.toContain("replacements.yaml");
    expect(file("images/kustomization.yaml").resources).toEqual(["transformer.yaml"]);
    expect(file("images/transformer.yaml")).toMatchObject({ kind: "ReplacementTransformer" });
  });

  it("names objects, accounts and images as flags say, and leaves out what values turn off", async () => {
    const args = ["--workload=Deployment/web:web", "--name=shop", "--service-account=promoter", ...routed];
    const { paths, file } = await render([...args, "--promoter-image=prod.example.com/promoter:2"]);
    const job = file("job.yaml");
    expect(job.metadata.name).toBe("shop-image-promoter");
    expect(job.spec.template.spec).toMatchObject({
      serviceAccountName: "promoter",
      containers: [{ image: "prod.example.com/promoter:2" }],
    });
    expect(file("kustomization.yaml").resources).toEqual(paths.filter((path) => !/kustom|repl/.test(path)));
  });

  it.each<[string, readonly string[], string]>([
    ["nothing is routed", ["-f", "-", "--from=a.example", "--to=b.example"], "No workload runs an image"],
    ["no workload is named", routed, "No workload runs an image"],
    ["a workload cannot be read", ["--workload=web", ...routed], "Cannot read the workload"],
    ["there are no routes", ["-f", "-"], "Nobody said where images come from"],
  ])("ends with 2 and writes nothing when %s", async (_why, args, says) => {
    const { code, paths, stderr } = await render(args, manifests);
    expect({ code, paths }).toEqual({ code: 2, paths: [] });
    expect(stderr).toContain(says);
  });
});
