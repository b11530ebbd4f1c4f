import { describe, expect, it } from "vitest";
import { runCommand } from "../scenarios/command-run.ts";

const from = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const to = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const routed = [`--from=${from}`, `--to=${to}`];
const deployment = (image: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "${image}"}]}}}
`;
const web = deployment(`${to}/web:1`);

describe("inject", () => {
  it("reads standard input, and adds to it", async () => {
    const run = await runCommand(["inject", ...routed], { input: web });
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout.startsWith(`${web}---\napiVersion: batch/v1\nkind: Job\n`)).toBe(true);
    expect(run.stdout).toContain(`value: "${to}/web:1"`);
  });

  it("reads a file", async () => {
    const run = await runCommand(["inject", "-f", "web.yaml", ...routed], { files: { "web.yaml": web } });
    expect(run.stdout.startsWith(web)).toBe(true);
  });

  it("takes routes from variables, a configuration, or the chart's values", async () => {
    const config = `apiVersion: image-promoter/v1\nkind: Promoter\nroutes: [{from: ${from}, to: ${to}}]\n`;
    const values = `source: {registry: ${from}}\ndestination: {account: "222222222222", region: eu-west-1}\n`;
    const ways = [
      runCommand(["inject"], { input: web, env: { PROMOTER_FROM: from, PROMOTER_TO: to } }),
      runCommand(["inject", "--config=c.yaml"], { input: web, files: { "c.yaml": config } }),
      runCommand(["inject", "--values=v.yaml"], { input: web, files: { "v.yaml": values } }),
    ];
    const [first, ...others] = await Promise.all(ways);
    expect(first?.stdout).toContain(`value: "${from}"`);
    for (const { stdout } of others) expect(stdout).toBe(first?.stdout);
  });

  it("gives the Job what flags and values say", async () => {
    const values = "resources: {limits: {memory: 1Gi}}\nhook: {wave: -20, deleteSucceeded: false}\n";
    const { stdout } = await runCommand(
      [
        ...["inject", ...routed, "--values", "v.yaml", "--name", "shop", "-n", "shop-prod", "--wave", "-7"],
        ...[
          "--service-account",
          "promoter",
          "--promoter-image",
          `${to}/image-promoter:2@sha256:${"a".repeat(64)}`,
        ],
        ...["--overwrite", "never", "--timeout", "20m"],
      ],
      { input: web, files: { "v.yaml": values } },
    );
    for (const line of [
      'name: "shop-image-promoter-',
      'namespace: "shop-prod"',
      'argocd.argoproj.io/sync-wave: "-7"',
      'argocd.argoproj.io/hook-delete-policy: "BeforeHookCreation"\n',
      'serviceAccountName: "promoter"',
      `image: "${to}/image-promoter:2@sha256:${"a".repeat(64)}"`,
      'memory: "1Gi"',
      'PROMOTER_OVERWRITE\n              value: "never"',
      'PROMOTER_TIMEOUT\n              value: "20m"',
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("calls the Job after the Argo CD application", async () => {
    const named = async (application: string) => {
      const { stdout } = await runCommand(["inject", ...routed], {
        input: web,
        env: { ARGOCD_APP_NAME: application },
      });
      return /kind: Job\nmetadata:\n {2}name: "([^"]*)"/.exec(stdout)?.[1] ?? "";
    };
    expect(await named("shop")).toMatch(/^shop-image-promoter-[0-9a-f]{8}$/);
    expect(await named("team-a_shop")).toBe(await named("shop"));
    expect((await named("s".repeat(80))).length).toBeLessThanOrEqual(63);
  });

  it("warns of images that are named by their source, and of those that a workflow will know", async () => {
    const workflow =
      'apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {templates: [{container: {image: "{{x}}"}}]}\n';
    const input = `${deployment(`${from}/web:1`)}---\n${workflow}`;
    const { code, stdout, stderr } = await runCommand(["inject", ...routed], { input });
    expect({ code, stdout }).toEqual({ code: 0, stdout: input });
    const warnings = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(warnings).toMatchObject([
      { image: "{{x}}", msg: expect.stringContaining("known only when it runs") },
      { image: `${from}/web:1`, msg: expect.stringContaining(`should be ${to}/web:1`) },
    ]);
  });

  it.each<[string, readonly string[], string, string]>([
    ["there are no routes", [], web, "Nobody said where images come from"],
    [
      "an image has no route under --strict",
      [...routed, "--strict"],
      deployment("nginx:1"),
      "No route leads to",
    ],
    ["manifests are no YAML", routed, "a: [", "standard input:1:5"],
    ["values are wrong", [...routed, "--values=bad.yaml"], web, "bad.yaml:1:1: Values are a mapping"],
    ["the Job's image is none", [...routed, "--promoter-image=A B"], web, "Cannot read the image"],
    ["the name is none", [...routed, "--name=A_B"], web, "Cannot use --name"],
    ["the wave is no number", [...routed, "--wave=early"], web, "no whole number"],
    ["a folder has nothing to build", [...routed, "--build=/nowhere"], web, "holds neither"],
  ])("ends with 2 and writes nothing when %s", async (_why, args, input, says) => {
    const run = await runCommand(["inject", ...args], { input, files: { "bad.yaml": "- a\n" } });
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
  });
});
