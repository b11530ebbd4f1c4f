import {
  CreateRepositoryCommand,
  type CreateRepositoryCommandInput,
  DeleteRepositoryCommand,
  DescribeRepositoriesCommand,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
  paginateDescribeRepositories,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import { clientOf, dev, pushImage, region } from "./ecr-api-client.ts";

const repositoryName = "team/app";
const arn = `arn:aws:ecr:${region}:${dev}:repository/${repositoryName}`;

async function setUp() {
  const emulator = await startEcrEmulator();
  return { emulator, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("CreateRepository", () => {
  it("keeps every setting", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const filter = { filterType: "WILDCARD", filter: "sha256-*" } as const;
    const { repository } = await ecr.send(
      new CreateRepositoryCommand({
        repositoryName,
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [filter],
        imageScanningConfiguration: { scanOnPush: true },
        encryptionConfiguration: { encryptionType: "KMS" },
        tags: [{ Key: "team", Value: "blue" }],
      }),
    );
    expect(repository).toEqual({
      repositoryArn: arn,
      registryId: dev,
      repositoryName,
      repositoryUri: `${dev}.dkr.ecr.${region}.amazonaws.com/${repositoryName}`,
      createdAt: expect.any(Date),
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [filter],
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: {
        encryptionType: "KMS",
        kmsKey: `arn:aws:kms:${region}:${dev}:alias/aws/ecr`,
      },
    });
    expect(Math.abs((repository?.createdAt?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    const described = await ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
    expect(described.repositories).toEqual([repository]);
    const { tags } = await ecr.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    expect(tags).toEqual([{ Key: "team", Value: "blue" }]);
  });

  it("refuses a name that is taken", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await expect(ecr.send(new CreateRepositoryCommand({ repositoryName }))).rejects.toMatchObject({
      name: "RepositoryAlreadyExistsException",
      message: `The repository with name '${repositoryName}' already exists in the registry with id '${dev}'`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it.each<[string, Partial<CreateRepositoryCommandInput>]>([
    ["a name in capitals", { repositoryName: "Team/App" }],
    ["a name of one letter", { repositoryName: "a" }],
    ["a name with two dots", { repositoryName: "a..b" }],
    [
      "filters without exclusion",
      { imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "x*" }] },
    ],
    ["exclusion without filters", { imageTagMutability: "IMMUTABLE_WITH_EXCLUSION" }],
    [
      "a filter with three wildcards",
      {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "*a*b*" }],
      },
    ],
    ["a key for AES256", { encryptionConfiguration: { encryptionType: "AES256", kmsKey: "arn:aws:kms:x" } }],
  ])("refuses %s", async (_, input) => {
    const { emulator, ecr } = await setUp();
    await using __ = emulator;
    const command = new CreateRepositoryCommand({ repositoryName, ...input });
    await expect(ecr.send(command)).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: expect.stringMatching(/^Invalid parameter at '.+' failed to satisfy constraint: '/),
    });
  });
});

describe("DescribeRepositories", () => {
  it("goes page by page through all of a region", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    for (let number = 10; number < 22; number += 1) emulator.repository(dev, region, `app-${number}`);
    emulator.repository(dev, "us-east-1", "elsewhere");
    const pages: (string | undefined)[][] = [];
    for await (const page of paginateDescribeRepositories({ client: ecr, pageSize: 5 }, {})) {
      pages.push(page.repositories?.map((repository) => repository.repositoryName) ?? []);
    }
    expect(pages.map((page) => page.length)).toEqual([5, 5, 2]);
    expect(pages.flat()).toEqual(Array.from({ length: 12 }, (_unused, index) => `app-${index + 10}`));
  });

  it("refuses a name that is not there", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await expect(
      ecr.send(new DescribeRepositoriesCommand({ repositoryNames: ["absent"] })),
    ).rejects.toMatchObject({
      name: "RepositoryNotFoundException",
      message: `The repository with name 'absent' does not exist in the registry with id '${dev}'`,
    });
  });

  it("refuses a token that is none", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const command = new DescribeRepositoriesCommand({ nextToken: "nonsense" });
    await expect(ecr.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
  });
});

describe("DeleteRepository", () => {
  it("deletes one that holds images by force only", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    emulator.repository(dev, region, repositoryName);
    await pushImage(ecr, repositoryName, "v1");
    const plain = ecr.send(new DeleteRepositoryCommand({ repositoryName }));
    await expect(plain).rejects.toMatchObject({ name: "RepositoryNotEmptyException" });
    const { repository } = await ecr.send(new DeleteRepositoryCommand({ repositoryName, force: true }));
    expect(repository?.repositoryArn).toBe(arn);
    expect(emulator.store.findRepository(dev, region, repositoryName)).toBeUndefined();
  });
});

describe("settings", () => {
  it("are changed one by one", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    emulator.repository(dev, region, repositoryName);
    await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
    const scanning = { repositoryName, imageScanningConfiguration: { scanOnPush: true } };
    await ecr.send(new PutImageScanningConfigurationCommand(scanning));
    await ecr.send(
      new TagResourceCommand({
        resourceArn: arn,
        tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      }),
    );
    await ecr.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ["a"] }));
    expect(emulator.store.findRepository(dev, region, repositoryName)).toMatchObject({
      imageTagMutability: "IMMUTABLE",
      scanOnPush: true,
      tags: new Map([["b", "2"]]),
    });
  });
});
