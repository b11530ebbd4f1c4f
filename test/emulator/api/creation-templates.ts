import { z } from "zod";
import { EcrException } from "../ecr-exception.ts";
import type { CreationTemplate } from "../store.ts";
import { requireRegistryAccess } from "./access.ts";
import { encryptionConfiguration, exclusionFilters, paging, tagList, tagMutability } from "./input.ts";
import { type EcrRequest, epochSeconds, operation, regionOf } from "./operation.ts";
import { pageOf } from "./page.ts";
import { checkPolicyText } from "./policy-text.ts";

const prefix = z
  .string()
  .min(1)
  .max(256)
  .regex(/^(?:ROOT|(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*\/?)$/, "not a prefix");

export const createRepositoryCreationTemplate = operation(
  z.object({
    prefix,
    description: z.string().max(256).optional(),
    encryptionConfiguration: encryptionConfiguration.optional(),
    resourceTags: tagList.optional(),
    imageTagMutability: tagMutability.optional(),
    imageTagMutabilityExclusionFilters: exclusionFilters.optional(),
    repositoryPolicy: z.string().optional(),
    lifecyclePolicy: z.string().optional(),
    appliedFor: z.array(z.enum(["REPLICATION", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"])).min(1),
    customRoleArn: z.string().max(2048).optional(),
  }),
  (input, request) => {
    const { accountId, templates } = ownTemplates(request);
    if (templates.has(input.prefix)) {
      throw new EcrException(
        "TemplateAlreadyExistsException",
        `The template with prefix '${input.prefix}' already exists in the registry with id '${accountId}'`,
      );
    }
    if (input.repositoryPolicy !== undefined) checkPolicyText(request.store, input.repositoryPolicy);
    const { encryptionConfiguration: encryption } = input;
    const template = withoutUndefined<CreationTemplate>({
      prefix: input.prefix,
      appliedFor: input.appliedFor,
      description: input.description,
      customRoleArn: input.customRoleArn,
      imageTagMutability: input.imageTagMutability,
      imageTagMutabilityExclusionFilters: input.imageTagMutabilityExclusionFilters,
      encryption: encryption && withoutUndefined(encryption),
      tags: input.resourceTags,
      policyText: input.repositoryPolicy,
      lifecyclePolicyText: input.lifecyclePolicy,
      createdAt: request.now,
      updatedAt: request.now,
    });
    templates.set(template.prefix, template);
    return { registryId: accountId, repositoryCreationTemplate: describeTemplate(template) };
  },
);

export const describeRepositoryCreationTemplates = operation(
  z.object({ prefixes: z.array(prefix).optional(), ...paging }),
  (input, request) => {
    const { accountId, templates } = ownTemplates(request);
    const all = [...templates.values()].filter(
      (template) => input.prefixes?.includes(template.prefix) !== false,
    );
    const { members, next } = pageOf(all, input);
    return { registryId: accountId, repositoryCreationTemplates: members.map(describeTemplate), ...next };
  },
);

export const deleteRepositoryCreationTemplate = operation(z.object({ prefix }), (input, request) => {
  const { accountId, templates } = ownTemplates(request);
  const template = templates.get(input.prefix);
  if (template === undefined) {
    throw new EcrException(
      "TemplateNotFoundException",
      `The template with prefix '${input.prefix}' does not exist in the registry with id '${accountId}'`,
    );
  }
  templates.delete(input.prefix);
  return { registryId: accountId, repositoryCreationTemplate: describeTemplate(template) };
});

function ownTemplates(request: EcrRequest) {
  requireRegistryAccess(request);
  const { accountId } = request.principal;
  return { accountId, templates: regionOf(request, accountId).creationTemplates };
}

function describeTemplate(template: CreationTemplate): object {
  return {
    prefix: template.prefix,
    description: template.description,
    encryptionConfiguration: template.encryption ?? { encryptionType: "AES256" },
    resourceTags: Object.entries(template.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
    imageTagMutability: template.imageTagMutability ?? "MUTABLE",
    imageTagMutabilityExclusionFilters: template.imageTagMutabilityExclusionFilters,
    repositoryPolicy: template.policyText,
    lifecyclePolicy: template.lifecyclePolicyText,
    appliedFor: template.appliedFor,
    customRoleArn: template.customRoleArn,
    createdAt: epochSeconds(template.createdAt ?? 0),
    updatedAt: epochSeconds(template.updatedAt ?? 0),
  };
}

/** What an optional member may not be under exact optional types: there, and undefined. */
type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

function withoutUndefined<T extends object>(members: Loose<T>): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}
