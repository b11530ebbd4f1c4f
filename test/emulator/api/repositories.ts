import { z } from "zod";
import { EcrException, repositoryNotFound } from "../ecr-exception.ts";
import { type Encryption, type Repository, repositoryArn } from "../repository.ts";
import { openRepository, requestTagKeys, requireAccess } from "./access.ts";
import { describeRepository } from "./describe-repository.ts";
import {
  encryptionConfiguration,
  exclusionFilters,
  paging,
  registryId,
  repositoryInput,
  repositoryName,
  tagList,
  tagMutability,
} from "./input.ts";
import { requireKeyAccess } from "./key-access.ts";
import { type EcrRequest, invalidParameter, operation, regionOf, registryOf } from "./operation.ts";
import { pageOf } from "./page.ts";
import { checkExclusionFilters } from "./tag-mutability.ts";

export const describeRepositories = operation(
  z.object({ registryId, repositoryNames: z.array(repositoryName).min(1).max(100).optional(), ...paging }),
  (input, request) => {
    const accountId = registryOf(request, input.registryId);
    if (input.repositoryNames !== undefined) {
      const named = input.repositoryNames.map((name) =>
        openRepository(request, { registryId: accountId, repositoryName: name }),
      );
      return { repositories: named.map(describeRepository) };
    }
    requireAccess(request, { resource: anyRepository(request, accountId), accountId });
    const all = [...regionOf(request, accountId).repositories.values()].sort(byName);
    const { members, next } = pageOf(all, input);
    return { repositories: members.map(describeRepository), ...next };
  },
);

export const createRepository = operation(
  z.object({
    ...repositoryInput.shape,
    tags: tagList.optional(),
    imageTagMutability: tagMutability.optional(),
    imageTagMutabilityExclusionFilters: exclusionFilters.optional(),
    imageScanningConfiguration: z.object({ scanOnPush: z.boolean().optional() }).optional(),
    encryptionConfiguration: encryptionConfiguration.optional(),
  }),
  (input, request) => {
    const accountId = registryOf(request, input.registryId);
    const { region } = request.call;
    const { repositoryName: name, tags = {}, imageTagMutability: mutability = "MUTABLE" } = input;
    const resource = repositoryArn({ accountId, region, name });
    requireAccess(request, { resource, accountId, keys: requestTagKeys(tags) });
    if (input.tags !== undefined) {
      requireAccess(request, { action: "ecr:TagResource", resource, accountId, keys: requestTagKeys(tags) });
    }
    const { repositories } = regionOf(request, accountId);
    if (repositories.has(name)) throw alreadyExists(accountId, name);
    checkExclusionFilters(mutability, input.imageTagMutabilityExclusionFilters);
    if (Object.keys(tags).length > 50) {
      throw new EcrException("TooManyTagsException", "A repository can have at most 50 tags");
    }
    const encryption = readEncryption(input.encryptionConfiguration, accountId, region);
    requireKeyAccess(request, encryption);
    const created = request.store.createRepository(accountId, region, name, {
      imageTagMutability: mutability,
      imageTagMutabilityExclusionFilters: input.imageTagMutabilityExclusionFilters ?? [],
      scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
      encryption,
      tags,
    });
    return { repository: describeRepository(created) };
  },
);

export const deleteRepository = operation(
  repositoryInput.extend({ force: z.boolean().optional() }),
  (input, request) => {
    const repository = openRepository(request, input);
    const { accountId, name } = repository;
    if (repository.manifests.size > 0 && input.force !== true) {
      throw new EcrException(
        "RepositoryNotEmptyException",
        `The repository with name '${name}' in registry with id '${accountId}' cannot be deleted because it still contains images`,
      );
    }
    const { repositories } = regionOf(request, accountId);
    if (!repositories.delete(name)) throw repositoryNotFound(accountId, name);
    return { repository: describeRepository(repository) };
  },
);

function readEncryption(
  configuration: z.output<typeof encryptionConfiguration> | undefined,
  accountId: string,
  region: string,
): Encryption {
  if (configuration === undefined || configuration.encryptionType === "AES256") {
    if (configuration?.kmsKey !== undefined) {
      throw invalidParameter("kmsKey", "KMS key can only be specified with encryption type KMS");
    }
    return { encryptionType: "AES256" };
  }
  // Without a key of one's own, the AWS managed key of the account.
  const kmsKey = configuration.kmsKey ?? `arn:aws:kms:${region}:${accountId}:alias/aws/ecr`;
  return { encryptionType: configuration.encryptionType, kmsKey };
}

function anyRepository(request: EcrRequest, accountId: string): string {
  return repositoryArn({ accountId, region: request.call.region, name: "*" });
}

function alreadyExists(accountId: string, name: string): EcrException {
  return new EcrException(
    "RepositoryAlreadyExistsException",
    `The repository with name '${name}' already exists in the registry with id '${accountId}'`,
  );
}

function byName(a: Repository, b: Repository): number {
  return a.name < b.name ? -1 : 1;
}
