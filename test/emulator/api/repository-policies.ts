import { z } from "zod";
import { EcrException } from "../ecr-exception.ts";
import type { Repository } from "../repository.ts";
import { openRepository } from "./access.ts";
import { repositoryInput } from "./input.ts";
import { operation } from "./operation.ts";
import { checkLockout, checkPolicyText } from "./policy-text.ts";

export const setRepositoryPolicy = operation(
  repositoryInput.extend({ policyText: z.string(), force: z.boolean().optional() }),
  (input, request) => {
    const repository = openRepository(request, input);
    checkPolicyText(request.store, input.policyText);
    if (input.force !== true) checkLockout(request, repository, input.policyText);
    repository.policyText = input.policyText;
    return describePolicy(repository, input.policyText);
  },
);

export const getRepositoryPolicy = operation(repositoryInput, (input, request) => {
  const repository = openRepository(request, input);
  return describePolicy(repository, policyOf(repository));
});

export const deleteRepositoryPolicy = operation(repositoryInput, (input, request) => {
  const repository = openRepository(request, input);
  const policyText = policyOf(repository);
  delete repository.policyText;
  return describePolicy(repository, policyText);
});

function policyOf(repository: Repository): string {
  if (repository.policyText !== undefined) return repository.policyText;
  throw new EcrException(
    "RepositoryPolicyNotFoundException",
    `Repository policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.accountId}'`,
  );
}

function describePolicy(repository: Repository, policyText: string): object {
  return { registryId: repository.accountId, repositoryName: repository.name, policyText };
}
