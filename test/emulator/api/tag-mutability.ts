import type { ExclusionFilter, TagMutability } from "../repository.ts";
import { openRepository } from "./access.ts";
import { exclusionFilters, repositoryInput, tagMutability } from "./input.ts";
import { invalidParameter, operation } from "./operation.ts";

export const putImageTagMutability = operation(
  repositoryInput.extend({
    imageTagMutability: tagMutability,
    imageTagMutabilityExclusionFilters: exclusionFilters.optional(),
  }),
  (input, request) => {
    const repository = openRepository(request, input);
    const { imageTagMutability, imageTagMutabilityExclusionFilters: filters } = input;
    checkExclusionFilters(imageTagMutability, filters);
    repository.imageTagMutability = imageTagMutability;
    repository.imageTagMutabilityExclusionFilters = filters ?? [];
    return {
      registryId: repository.accountId,
      repositoryName: repository.name,
      imageTagMutability,
      ...(filters && { imageTagMutabilityExclusionFilters: filters }),
    };
  },
);

/** Filters belong to the two modes with exclusions, and these need some. @throws {EcrException} `InvalidParameterException`. */
export function checkExclusionFilters(
  mutability: TagMutability,
  filters: readonly ExclusionFilter[] | undefined,
): void {
  const isWithExclusion = mutability.endsWith("_WITH_EXCLUSION");
  if (isWithExclusion === (filters?.length ?? 0) > 0) return;
  throw invalidParameter(
    "imageTagMutabilityExclusionFilters",
    isWithExclusion
      ? `ImageTagMutabilityExclusionFilters can not be empty when imageTagMutability is ${mutability}`
      : `ImageTagMutabilityExclusionFilters can not be specified when imageTagMutability is ${mutability}`,
  );
}
