import {
  DeleteLifecyclePolicyCommand,
  DeleteRepositoryPolicyCommand,
  GetLifecyclePolicyCommand,
  GetRepositoryPolicyCommand,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { clientOf, dev, region } from "./ecr-api-client.ts";

const repositoryName = "team/app";

async function setUp() {
  const emulator = await startEcrEmulator();
  return { emulator, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("repository policies", () => {
  const grant = (aws: string, rest: object = {}) =>
    JSON.stringify({
      Version: "2008-10-17",
      Statement: [
        { Sid: "Pull", Effect: "Allow", Principal: { AWS: aws }, Action: "ecr:BatchGetImage", ...rest },
      ],
    });

  it("are set, read and deleted as the text that was sent", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    emulator.repository(dev, region, repositoryName);
    const absent = { name: "RepositoryPolicyNotFoundException" };
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).rejects.toMatchObject(absent);
    const policyText = grant("arn:aws:iam::444455556666:root");
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    expect(await ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).toMatchObject({
      policyText,
      registryId: dev,
    });
    await ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName }));
    await expect(ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName }))).rejects.toMatchObject(
      absent,
    );
  });

  it.each([
    ["no JSON", "{"],
    ["no principal", JSON.stringify({ Statement: [{ Effect: "Allow", Action: "ecr:*" }] })],
    ["an action of another service", grant("*", { Action: "s3:GetObject" })],
    ["an unknown condition operator", grant("*", { Condition: { StringResembles: { a: "b" } } })],
    ["a role that the account has not", grant(`arn:aws:iam::${dev}:role/absent`)],
    ["more than 10,240 characters", grant("*", { Sid: "x".repeat(10_240) })],
  ])("refuse %s", async (_, policyText) => {
    const { emulator, ecr } = await setUp();
    await using __ = emulator;
    emulator.repository(dev, region, repositoryName);
    const command = new SetRepositoryPolicyCommand({ repositoryName, policyText });
    await expect(ecr.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect(emulator.store.findRepository(dev, region, repositoryName)?.policyText).toBeUndefined();
  });

  it("may not lock out who sets them, but by force", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    emulator.repository(dev, region, repositoryName);
    const policyText = grant("*", { Effect: "Deny", Action: "ecr:*" });
    const command = { repositoryName, policyText };
    await expect(ecr.send(new SetRepositoryPolicyCommand(command))).rejects.toMatchObject({
      name: "InvalidParameterException",
    });
    await ecr.send(new SetRepositoryPolicyCommand({ ...command, force: true }));
    await expect(ecr.send(new GetRepositoryPolicyCommand({ repositoryName }))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("with an explicit deny in a resource-based policy"),
    });
  });
});

describe("lifecycle policies", () => {
  const rule = {
    rulePriority: 1,
    selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
    action: { type: "expire" },
  };

  it("are put, read and deleted", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    emulator.repository(dev, region, repositoryName);
    const lifecyclePolicyText = JSON.stringify({ rules: [rule] });
    const absent = { name: "LifecyclePolicyNotFoundException" };
    await expect(ecr.send(new GetLifecyclePolicyCommand({ repositoryName }))).rejects.toMatchObject(absent);
    await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
    const read = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
    expect(read.lifecyclePolicyText).toBe(lifecyclePolicyText);
    await ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }));
    await expect(ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName }))).rejects.toMatchObject(
      absent,
    );
  });

  it.each([
    ["no JSON", "x".repeat(120)],
    [
      "an unknown tag status",
      JSON.stringify({ rules: [{ ...rule, selection: { ...rule.selection, tagStatus: "some" } }] }),
    ],
    ["two rules of one priority", JSON.stringify({ rules: [rule, rule] })],
  ])("refuse %s", async (_, lifecyclePolicyText) => {
    const { emulator, ecr } = await setUp();
    await using __ = emulator;
    emulator.repository(dev, region, repositoryName);
    const command = new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText });
    await expect(ecr.send(command)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringContaining("Lifecycle policy validation failure"),
    });
  });
});
