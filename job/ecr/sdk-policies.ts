import type { EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { SendCall } from "./sdk-call.ts";

type PolicyCalls = Pick<
  EcrApi,
  "getLifecyclePolicy" | "putLifecyclePolicy" | "getRepositoryPolicy" | "setRepositoryPolicy"
>;

/** The calls about a repository's lifecycle and permissions. */
export function policyCalls(send: SendCall, host: EcrRegistryHost): PolicyCalls {
  const registryId = host.accountId;
  return {
    async getLifecyclePolicy(repository, waiting) {
      const input = { registryId, repositoryName: repository };
      const output = await send(
        {
          operation: "GetLifecyclePolicy",
          repository,
          absent: ["LifecyclePolicyNotFoundException", "RepositoryNotFoundException"],
          send: (sdk, client, request) => client.send(new sdk.GetLifecyclePolicyCommand(input), request),
        },
        waiting,
      );
      return output?.lifecyclePolicyText;
    },

    async putLifecyclePolicy(repository, lifecyclePolicyText, waiting) {
      const input = { registryId, repositoryName: repository, lifecyclePolicyText };
      await send(
        {
          operation: "PutLifecyclePolicy",
          repository,
          send: (sdk, client, request) => client.send(new sdk.PutLifecyclePolicyCommand(input), request),
        },
        waiting,
      );
    },

    async getRepositoryPolicy(repository, waiting) {
      const input = { registryId, repositoryName: repository };
      const output = await send(
        {
          operation: "GetRepositoryPolicy",
          repository,
          absent: ["RepositoryPolicyNotFoundException", "RepositoryNotFoundException"],
          send: (sdk, client, request) => client.send(new sdk.GetRepositoryPolicyCommand(input), request),
        },
        waiting,
      );
      return output?.policyText;
    },

    async setRepositoryPolicy(repository, policyText, waiting) {
      const input = { registryId, repositoryName: repository, policyText };
      await send(
        {
          operation: "SetRepositoryPolicy",
          repository,
          send: (sdk, client, request) => client.send(new sdk.SetRepositoryPolicyCommand(input), request),
        },
        waiting,
      );
    },
  };
}
