import { z } from "zod";
import { EcrException } from "../ecr-exception.ts";
import type { Repository } from "../repository.ts";
import { openRepository } from "./access.ts";
import { repositoryInput } from "./input.ts";
import { invalidParameter, operation } from "./operation.ts";

/** {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html} */
const lifecyclePolicy = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        rulePriority: z.int().min(1),
        description: z.string().max(256).optional(),
        selection: z.strictObject({
          tagStatus: z.enum(["tagged", "untagged", "any"]),
          tagPrefixList: z.array(z.string()).optional(),
          tagPatternList: z.array(z.string()).optional(),
          storageClass: z.enum(["standard", "archive"]).optional(),
          countType: z.enum([
            "imageCountMoreThan",
            "sinceImagePushed",
            "sinceImagePulled",
            "sinceImageTransitioned",
          ]),
          countUnit: z.literal("days").optional(),
          countNumber: z.int().min(1),
        }),
        action: z.strictObject({
          type: z.enum(["expire", "transition"]),
          targetStorageClass: z.literal("archive").optional(),
        }),
      }),
    )
    .min(1)
    .max(50)
    .refine(
      (rules) => new Set(rules.map((rule) => rule.rulePriority)).size === rules.length,
      "two rules have the same priority",
    ),
});

export const putLifecyclePolicy = operation(
  repositoryInput.extend({ lifecyclePolicyText: z.string().min(100).max(30_720) }),
  (input, request) => {
    const repository = openRepository(request, input);
    checkLifecyclePolicy(input.lifecyclePolicyText);
    repository.lifecyclePolicyText = input.lifecyclePolicyText;
    return describeLifecyclePolicy(repository, input.lifecyclePolicyText);
  },
);

export const getLifecyclePolicy = operation(repositoryInput, (input, request) => {
  const repository = openRepository(request, input);
  return { ...describeLifecyclePolicy(repository, policyOf(repository)), lastEvaluatedAt: 0 };
});

export const deleteLifecyclePolicy = operation(repositoryInput, (input, request) => {
  const repository = openRepository(request, input);
  const lifecyclePolicyText = policyOf(repository);
  delete repository.lifecyclePolicyText;
  return { ...describeLifecyclePolicy(repository, lifecyclePolicyText), lastEvaluatedAt: 0 };
});

function checkLifecyclePolicy(text: string): void {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalidLifecyclePolicy("string is not valid JSON");
  }
  const policy = lifecyclePolicy.safeParse(document);
  if (policy.success) return;
  const [issue] = policy.error.issues;
  throw invalidLifecyclePolicy(`${issue?.path.join(".")}: ${issue?.message}`);
}

function invalidLifecyclePolicy(what: string): EcrException {
  return invalidParameter("LifecyclePolicyText", `Lifecycle policy validation failure: ${what}`);
}

function policyOf(repository: Repository): string {
  if (repository.lifecyclePolicyText !== undefined) return repository.lifecyclePolicyText;
  throw new EcrException(
    "LifecyclePolicyNotFoundException",
    `Lifecycle policy does not exist for the repository with name '${repository.name}' in the registry with id '${repository.accountId}'`,
  );
}

function describeLifecyclePolicy(repository: Repository, lifecyclePolicyText: string): object {
  return { registryId: repository.accountId, repositoryName: repository.name, lifecyclePolicyText };
}
