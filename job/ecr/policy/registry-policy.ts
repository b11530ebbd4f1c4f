import { type OwnedStatement, type PolicyDocument, policyOf } from "./policy-document.ts";
import { type RepositoryScope, repositoryArns } from "./registry-place.ts";

/**
 * One policy for a whole registry in place of one for each repository: the same statement, with the repositories as its
 * resources, those that are not made yet among them.
 *
 * A registry has one such policy, and ECR goes by it where the registry's policy scope is V2, as it is for new
 * registries; under V1 it can allow nothing but `ecr:ReplicateImage`, `ecr:BatchImportUpstreamImage` and
 * `ecr:CreateRepository` (`aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE`).
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html}
 *
 * @param statement as of a repository's policy.
 */
export function registryPolicy(statement: OwnedStatement, scope: RepositoryScope): PolicyDocument {
  return policyOf({ ...statement, Resource: repositoryArns(scope) });
}
