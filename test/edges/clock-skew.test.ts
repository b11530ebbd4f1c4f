import { describe, expect, it } from "vitest";
import { prodAccount, prodHost, twoAccounts } from "../scenarios/two-accounts.ts";
import { edgeImage, promotion } from "./edge-run.ts";

const minuteMs = 60_000;

// AWS allows five minutes. A clock of AWS that is ahead is a clock of ours that is behind.
describe.each([20, -20])("with AWS's clock %i minutes from ours", (minutes) => {
  const skewed = (dateHeader: boolean) => {
    const now = () => Date.now() + minutes * minuteMs;
    return twoAccounts({ clock: { now }, dateHeader });
  };

  it("signs by AWS's clock, once its first answer has told the time", async () => {
    await using world = await skewed(true);
    const image = edgeImage(world);
    expect(await world.run(promotion)).toMatchObject({ code: 0 });
    image.expectPromoted();
    // One refusal per region's client, and no more: the difference is remembered.
    const tokens = world.emulator.requests.filter(({ kind }) => kind === "ecr-api");
    expect(tokens.filter(({ status }) => status === 400)).toHaveLength(1);
    expect(tokens.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  });

  it("does so at STS as well, for a role that is assumed", async () => {
    await using world = await skewed(true);
    const image = edgeImage(world);
    const { arn, identity } = world.emulator.account(prodAccount).createRole("pusher");
    identity.policies.push(...world.role.identity.policies);
    world.allow("sts:AssumeRole");
    const files = {
      "roles.yaml": `apiVersion: image-promoter/v1\nkind: Promoter\nregistries:\n  - host: ${prodHost}\n    roleArn: ${arn}\n`,
    };
    const run = await world.run([...promotion, "--config", "roles.yaml"], { files });
    expect(run).toMatchObject({ code: 0 });
    image.expectPromoted();
    const sts = world.emulator.requests.filter(({ kind }) => kind === "sts");
    expect(sts.map(({ status }) => status)).toEqual([403, 200]);
  });

  it("says that the clock is wrong where something between hides the time", async () => {
    await using world = await skewed(false);
    const image = edgeImage(world);
    const run = await world.run(promotion);
    expect(run.code).toBe(4);
    expect(run.stderr).toContain("CredentialsUnavailable");
    expect(run.stderr).toMatch(/clock/);
    image.expectUntouched();
  });
});
