import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  CreateRepositoryCreationTemplateCommand,
  DeleteRegistryPolicyCommand,
  DeleteRepositoryCreationTemplateCommand,
  DescribeRegistryCommand,
  DescribeRepositoriesCommand,
  DescribeRepositoryCreationTemplatesCommand,
  ECRClient,
  GetAccountSettingCommand,
  GetAuthorizationTokenCommand,
  GetRegistryPolicyCommand,
  PutAccountSettingCommand,
  PutRegistryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { clientOf, dev, prod, pushImage, region } from "./ecr-api-client.ts";

const repositoryName = "team/app";
const arn = `arn:aws:ecr:${region}:${dev}:repository/${repositoryName}`;
const allow = (action: string | readonly string[], rest: object = {}) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: "*", ...rest }],
});

describe("access", () => {
  it("is denied in AWS's words where no identity policy allows", async () => {
    await using emulator = await startEcrEmulator();
    const ann = emulator.account(dev).createUser("ann", []);
    await expect(clientOf(emulator, ann).send(new GetAuthorizationTokenCommand({}))).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: `User: ${ann.arn} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("is asked before existence", async () => {
    await using emulator = await startEcrEmulator();
    const ann = clientOf(emulator, emulator.account(dev).createUser("ann", []));
    const command = new DescribeRepositoriesCommand({ repositoryNames: ["absent"] });
    await expect(ann.send(command)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("across accounts needs both sides", async () => {
    await using emulator = await startEcrEmulator();
    const repository = emulator.repository(dev, region, repositoryName);
    await pushImage(clientOf(emulator, emulator.account(dev).admin()), repositoryName, "v1");
    const promoter = emulator.account(prod).createRole("promoter", []);
    const pull = () =>
      clientOf(emulator, promoter).send(
        new BatchGetImageCommand({ registryId: dev, repositoryName, imageIds: [{ imageTag: "v1" }] }),
      );
    const denied = `User: ${promoter.principal.arn} is not authorized to perform: ecr:BatchGetImage on resource: ${arn} because no`;
    await expect(pull()).rejects.toMatchObject({
      message: `${denied} identity-based policy allows the ecr:BatchGetImage action`,
    });
    promoter.identity.policies = [allow("ecr:BatchGetImage")];
    await expect(pull()).rejects.toMatchObject({
      message: `${denied} resource-based policy allows the ecr:BatchGetImage action`,
    });
    repository.policyText = JSON.stringify({
      Statement: [
        { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${prod}:root` }, Action: "ecr:BatchGetImage" },
      ],
    });
    expect((await pull()).images).toHaveLength(1);
    promoter.identity.policies = [];
    await expect(pull()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("follows the organization, by the account that the caller is in", async () => {
    await using emulator = await startEcrEmulator();
    const repository = emulator.repository(dev, region, repositoryName);
    const condition = { StringEquals: { "aws:PrincipalOrgID": "o-example" } };
    repository.policyText = JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:*", Condition: condition }],
    });
    const caller = clientOf(emulator, emulator.account(prod).admin());
    const look = () =>
      caller.send(new DescribeRepositoriesCommand({ registryId: dev, repositoryNames: [repositoryName] }));
    await expect(look()).rejects.toMatchObject({ name: "AccessDeniedException" });
    emulator.account(prod).joinOrganization("o-example");
    expect((await look()).repositories).toHaveLength(1);
  });

  it("sees the tags of the request and of the repository", async () => {
    await using emulator = await startEcrEmulator();
    const owned = { Condition: { StringEquals: { "aws:RequestTag/team": "blue" } } };
    const seen = { Condition: { StringEquals: { "aws:ResourceTag/team": "blue" } } };
    const ann = emulator
      .account(dev)
      .createUser("ann", [
        allow(["ecr:CreateRepository", "ecr:TagResource"], owned),
        allow("ecr:DescribeRepositories", seen),
      ]);
    const ecr = clientOf(emulator, ann);
    const create = (name: string, team: string) =>
      ecr.send(new CreateRepositoryCommand({ repositoryName: name, tags: [{ Key: "team", Value: team }] }));
    await create("blue", "blue");
    await expect(create("red", "red")).rejects.toMatchObject({ name: "AccessDeniedException" });
    emulator.repository(dev, region, "red", { tags: { team: "red" } });
    const look = (name: string) => ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [name] }));
    expect((await look("blue")).repositories).toHaveLength(1);
    await expect(look("red")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  it("knows a wrong secret and an unknown key", async () => {
    await using emulator = await startEcrEmulator();
    const admin = emulator.account(dev).admin();
    const ask = (credentials: { accessKeyId: string; secretAccessKey: string }) =>
      new ECRClient({ region, endpoint: emulator.url, credentials, maxAttempts: 1 }).send(
        new DescribeRegistryCommand({}),
      );
    const { accessKeyId, secretAccessKey } = admin;
    await expect(ask({ accessKeyId, secretAccessKey: "wrong" })).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
    await expect(ask({ accessKeyId: "AKIAUNKNOWN", secretAccessKey })).rejects.toMatchObject({
      name: "UnrecognizedClientException",
    });
  });

  it("lets the SDK correct a clock that differs", async () => {
    const emulatedNow = () => Date.now() + 3_600_000;
    await using emulator = await startEcrEmulator({ clock: { now: emulatedNow } });
    const credentials = emulator.account(dev).admin();
    const ecr = new ECRClient({ region, endpoint: emulator.url, credentials, maxAttempts: 2 });
    expect((await ecr.send(new DescribeRegistryCommand({}))).registryId).toBe(dev);
    expect(emulator.requests.map((entry) => entry.status)).toEqual([400, 200]);
  });

  it("answers an operation that there is not", async () => {
    await using emulator = await startEcrEmulator();
    const { statusCode, body } = await request(emulator.url, {
      method: "POST",
      headers: { "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.DescribeRegistry" },
      body: "{}",
    });
    expect(statusCode).toBe(400);
    expect(await body.json()).toEqual({
      __type: "MissingAuthenticationTokenException",
      message: "Missing Authentication Token",
    });
  });
});

describe("GetAuthorizationToken", () => {
  it("gives a token of the configured life, for the plain host", async () => {
    await using emulator = await startEcrEmulator({ tokenLifetimeMs: 60_000 });
    const ecr = clientOf(emulator, emulator.account(dev).admin());
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const [data] = authorizationData ?? [];
    expect(data?.proxyEndpoint).toBe(`https://${dev}.dkr.ecr.${region}.amazonaws.com`);
    expect(Math.abs((data?.expiresAt?.getTime() ?? 0) - Date.now() - 60_000)).toBeLessThan(5_000);
    const [user, password] = Buffer.from(data?.authorizationToken ?? "", "base64")
      .toString()
      .split(":");
    expect(user).toBe("AWS");
    expect(emulator.store.checkToken(password ?? "")).toMatchObject({ state: "valid" });
  });
});

describe("the registry", () => {
  it("has settings", async () => {
    await using emulator = await startEcrEmulator();
    const ecr = clientOf(emulator, emulator.account(dev).admin());
    const read = async (name: string) => (await ecr.send(new GetAccountSettingCommand({ name }))).value;
    expect([await read("BLOB_MOUNTING"), await read("BASIC_SCAN_TYPE_VERSION")]).toEqual([
      "DISABLED",
      "AWS_NATIVE",
    ]);
    await ecr.send(new PutAccountSettingCommand({ name: "BLOB_MOUNTING", value: "ENABLED" }));
    expect(await read("BLOB_MOUNTING")).toBe("ENABLED");
    const wrong = new PutAccountSettingCommand({ name: "BLOB_MOUNTING", value: "PERHAPS" });
    await expect(ecr.send(wrong)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("has a policy", async () => {
    await using emulator = await startEcrEmulator();
    const ecr = clientOf(emulator, emulator.account(dev).admin());
    const absent = { name: "RegistryPolicyNotFoundException" };
    await expect(ecr.send(new GetRegistryPolicyCommand({}))).rejects.toMatchObject(absent);
    const policyText = JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: prod },
          Action: "ecr:ReplicateImage",
          Resource: `arn:aws:ecr:${region}:${dev}:repository/*`,
        },
      ],
    });
    await ecr.send(new PutRegistryPolicyCommand({ policyText }));
    expect((await ecr.send(new GetRegistryPolicyCommand({}))).policyText).toBe(policyText);
    await ecr.send(new DeleteRegistryPolicyCommand({}));
    await expect(ecr.send(new GetRegistryPolicyCommand({}))).rejects.toMatchObject(absent);
  });

  it("has creation templates", async () => {
    await using emulator = await startEcrEmulator();
    const ecr = clientOf(emulator, emulator.account(dev).admin());
    const template = {
      prefix: "team",
      appliedFor: ["CREATE_ON_PUSH" as const],
      imageTagMutability: "IMMUTABLE" as const,
    };
    await ecr.send(new CreateRepositoryCreationTemplateCommand(template));
    const twice = ecr.send(new CreateRepositoryCreationTemplateCommand(template));
    await expect(twice).rejects.toMatchObject({ name: "TemplateAlreadyExistsException" });
    const { repositoryCreationTemplates } = await ecr.send(
      new DescribeRepositoryCreationTemplatesCommand({}),
    );
    expect(repositoryCreationTemplates).toMatchObject([{ ...template, createdAt: expect.any(Date) }]);
    await ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: "team" }));
    const gone = ecr.send(new DeleteRepositoryCreationTemplateCommand({ prefix: "team" }));
    await expect(gone).rejects.toMatchObject({ name: "TemplateNotFoundException" });
  });
});
