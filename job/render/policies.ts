import { isPattern } from "../ecr/policy/registry-place.ts";
import type { PolicyOptions } from "./policy-scope.ts";
import { type DestinationPolicies, policySet, type SourcePolicies } from "./policy-set.ts";
import { renderPolicyTemplate } from "./policy-template.ts";
import type { RenderedFile } from "./rendered-file.ts";

export interface RenderPoliciesOptions extends PolicyOptions {
  readonly format: "json" | "terraform" | "cloudformation";
}

/**
 * The policies of both sides of a promotion: for each source registry what lets the destinations pull, for each
 * destination account the Job's role.
 *
 * @throws {PromoterError} as `policySet` does.
 */
export function renderPolicies(options: RenderPoliciesOptions): RenderedFile[] {
  const { sources, destinations } = policySet(options);
  switch (options.format) {
    case "json":
      return [...sources.flatMap(sourceDocuments), ...destinations.flatMap(destinationDocuments)];
    case "terraform":
      return rendered("tf", sources, destinations, options);
    case "cloudformation":
      return rendered("yaml", sources, destinations, options);
  }
}

function sourceDocuments({ name, pull, role, lifecycle }: SourcePolicies): RenderedFile[] {
  return documents(name, {
    "repository-policy": pull?.repositoryPolicy,
    "registry-policy": pull?.registryPolicy,
    "identity-policy": role?.identityPolicy,
    "trust-policy": role?.trustPolicy,
    "lifecycle-policy": lifecycle,
  });
}

function destinationDocuments({ name, role, keyPolicy, lifecycle }: DestinationPolicies): RenderedFile[] {
  return documents(name, {
    "identity-policy": role.identityPolicy,
    "trust-policy": role.trustPolicy,
    "key-policy": keyPolicy,
    "lifecycle-policy": lifecycle,
  });
}

function documents(folder: string, files: Readonly<Record<string, object | undefined>>): RenderedFile[] {
  return Object.entries(files).flatMap(([name, document]) =>
    document === undefined
      ? []
      : [{ path: `${folder}/${name}.json`, content: `${JSON.stringify(document, undefined, 2)}\n` }],
  );
}

function rendered(
  kind: "tf" | "yaml",
  sources: readonly SourcePolicies[],
  destinations: readonly DestinationPolicies[],
  { trust }: PolicyOptions,
): RenderedFile[] {
  const hasCluster = trust.kind === "pod-identity" && trust.clusterName !== undefined;
  // CloudFormation takes no template without resources.
  const needed = sources.filter(({ pull, role }) => pull !== undefined || role !== undefined);
  return [
    ...needed.map((source) => ({
      path: `${source.name}.${kind}`,
      content: renderPolicyTemplate(`source.${kind}`, { ...source, ...names(source) }),
    })),
    ...destinations.map((destination) => ({
      path: `${destination.name}.${kind}`,
      content: renderPolicyTemplate(`destination.${kind}`, {
        ...destination,
        ...(hasCluster && { association: trust }),
      }),
    })),
  ];
}

/** How Terraform picks the repositories that patterns stand for. */
function names({ scope, pull, lifecycle }: SourcePolicies): object {
  const expressions = scope.repositories.map((name) => name.replaceAll(".", "\\.").replaceAll("*", ".*"));
  return {
    hasRepositories: pull !== undefined || lifecycle !== undefined,
    isPattern: scope.repositories.some(isPattern),
    nameExpression: `^(?:${expressions.join("|")})$`,
  };
}
