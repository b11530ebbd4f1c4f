import type { Repository } from "../repository.ts";
import { epochSeconds } from "./operation.ts";
import { plainRegistryHost } from "./registry-host.ts";

/** The API's shape `Repository`. */
export function describeRepository(repository: Repository): object {
  const { accountId, region, name, imageTagMutabilityExclusionFilters: filters } = repository;
  return {
    repositoryArn: repository.arn,
    registryId: accountId,
    repositoryName: name,
    repositoryUri: `${plainRegistryHost(accountId, region)}/${name}`,
    createdAt: epochSeconds(repository.createdAt),
    imageTagMutability: repository.imageTagMutability,
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters: filters }),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: repository.encryption,
  };
}
