import { describe, expect, it } from "vitest";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runCommand } from "./command-run.ts";
import { devAccount, devHost, prodAccount, prodHost, twoAccounts } from "./two-accounts.ts";

const file = `apiVersion: image-promoter/v1
kind: Promoter
modules:
  web: ["team/web*"]
environments:
  development: {account: ${devAccount}, region: eu-west-1}
  staging: {account: ${prodAccount}, region: eu-west-1, prefix: staging, promotesFrom: [development]}
  production:
    account: ${prodAccount}
    region: eu-west-1
    promotesFrom: [staging, development]
    images: {modules: [web], include: [team/api], exclude: [team/web-test]}
    copy: {overwrite: never}
`;
// The file says where images go, not the environment variables of the other tests.
const env = { PROMOTER_FROM: "", PROMOTER_TO: "", PROMOTER_CONFIG: "promoter.yaml" };
const options = { env, files: { "promoter.yaml": file } };
const inProduction = { ...options, env: { ...env, PROMOTER_ENVIRONMENT: "production" } };

describe("environments of promoter.yaml", () => {
  it("say where images come from: staging where it has the image, else development", async () => {
    await using world = await twoAccounts();
    world.prod("team/web");
    world.prod("team/api");
    placeImage(world.prod("staging/team/web"), image({ seed: 1 }), { tags: ["1"] });
    placeImage(world.dev("team/web"), image({ seed: 2 }), { tags: ["1"] });
    placeImage(world.dev("team/api"), image({ seed: 3 }), { tags: ["1"] });
    const { code, report } = await world.promote(
      [`${prodHost}/team/web:1`, `${prodHost}/team/api:1`],
      inProduction,
    );
    expect(code).toBe(0);
    expect(report.images.map(({ source }) => source)).toEqual([
      `${prodHost}/staging/team/web:1`,
      `${devHost}/team/api:1`,
    ]);
  });

  it("promote what is selected alone; strict does not mind what is excluded by name", async () => {
    await using world = await twoAccounts();
    world.prod("team/web");
    placeImage(world.dev("team/web"), image(), { tags: ["1"] });
    const named = [`${prodHost}/team/web:1`, `${prodHost}/team/web-test:1`];
    const { code, report } = await world.promote([...named, "--strict"], inProduction);
    expect(code).toBe(0);
    expect(report.images.map(({ status }) => status)).toEqual(["copied", "skipped"]);
    const other = await world.run(["promote", `${prodHost}/other/app:1`, "--strict"], inProduction);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("[NoRoute]") });
  });

  it("have options of their own", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/web"), image({ seed: 1 }), { tags: ["1"] });
    placeImage(world.prod("team/web"), image({ seed: 2 }), { tags: ["1"] });
    placeImage(world.prod("staging/team/web"), image({ seed: 2 }), { tags: ["1"] });
    const staging = await world.promote(
      [`${prodHost}/staging/team/web:1`, "--environment", "staging"],
      options,
    );
    expect(staging).toMatchObject({ code: 0, report: { images: [{ status: "copied" }] } });
    const production = await world.promote([`${prodHost}/team/web:1`], inProduction);
    expect(production).toMatchObject({
      code: 4,
      report: { images: [{ error: { code: "OverwriteRefused" } }] },
    });
  });

  it.each([
    {
      why: "none is named",
      args: [],
      says: "Give --environment (PROMOTER_ENVIRONMENT): staging, production",
    },
    { why: "it is unknown", args: ["--environment", "prod"], says: 'No environment is called "prod"' },
    {
      why: "it promotes from nowhere",
      args: ["--environment", "development"],
      says: "The environment development promotes from no other",
    },
  ])("are asked for when $why", async ({ args, says }) => {
    const run = await runCommand(["plan", `${prodHost}/team/web:1`, ...args], options);
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
  });

  it("need a file that describes them", async () => {
    const run = await runCommand(["plan", `${prodHost}/team/web:1`, "--environment", "production"]);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("Give --config promoter.yaml") });
    const nowhere = await runCommand(["plan", "a.b/c", "--config", "/nowhere/promoter.yaml"]);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("ENOENT") });
  });
});
