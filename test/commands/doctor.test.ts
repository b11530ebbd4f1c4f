import { describe, expect, it } from "vitest";
import type { Check } from "../../job/promotion/examine.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodHost, twoAccounts } from "../scenarios/two-accounts.ts";

const web = `${prodHost}/web:1`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "${web}"}]}}}
`;
const hook = (spec: string) => `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: HookSucceeded}}
spec: {${spec}}
`;

describe("doctor with manifests", () => {
  it("looks at their hooks as well as at their images", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("web"), image(), { tags: ["1"] });
    world.prod("web");
    const input = `${deployment}---\n${hook("backoffLimit: 0")}`;
    const { code, stdout } = await world.run(["doctor", "-f", "-", "-o", "json"], { input });
    const { checks } = JSON.parse(stdout) as { checks: Check[] };
    const found = checks.filter(({ check }) => check === "hook");
    expect(found).toMatchObject([
      {
        subject: "Job migrate (standard input:6:1)",
        status: "warning",
        hint: expect.stringContaining("1800"),
      },
      { subject: "Job migrate (standard input:6:1)", status: "failed" },
    ]);
    expect(found[0]).not.toHaveProperty("side");
    expect(checks).toContainEqual(expect.objectContaining({ check: "push", status: "ok" }));
    expect(code).toBe(4);
  });

  it("tells them to people without a side", async () => {
    await using world = await twoAccounts();
    const { stdout } = await world.run(["doctor", "-f", "-"], { input: hook("activeDeadlineSeconds: 5") });
    expect(stdout).toContain("\n✗ Job migrate (standard input:1:1): HookSucceeded alone");
  });

  it("knows by the routes which images a Job has to list", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("web"), image(), { tags: ["1"] });
    world.prod("web");
    const injected = await world.run(["inject"], { input: deployment });
    const right = await world.run(["doctor", "-f", "-"], { input: injected.stdout });
    expect(right).toMatchObject({ code: 0 });
    const wrong = injected.stdout.replace(`value: "${web}"`, `value: "${prodHost}/web:0"`);
    const { code, stdout } = await world.run(["doctor", "-f", "-"], { input: wrong });
    expect(stdout).toContain(`it does not promote ${web}, only ${prodHost}/web:0, which Deployment web`);
    expect(code).toBe(4);
  });
});
