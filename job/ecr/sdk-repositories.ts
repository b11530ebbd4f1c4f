import type { EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { SendCall } from "./sdk-call.ts";
import { createRepositoryInput, readRepository } from "./service-model.ts";

/** The most that ECR lists at once. */
const pageSize = 1000;

/** The calls about repositories themselves. */
export function repositoryCalls(
  send: SendCall,
  host: EcrRegistryHost,
): Pick<EcrApi, "describeRepository" | "listRepositories" | "createRepository"> {
  const registryId = host.accountId;
  return {
    async describeRepository(repository, waiting) {
      const input = { registryId, repositoryNames: [repository] };
      const output = await send(
        {
          operation: "DescribeRepositories",
          repository,
          absent: ["RepositoryNotFoundException"],
          send: (sdk, client, request) => client.send(new sdk.DescribeRepositoriesCommand(input), request),
        },
        waiting,
      );
      const found = output?.repositories?.[0];
      return found && readRepository(found, host);
    },

    async *listRepositories(waiting) {
      let nextToken: string | undefined;
      do {
        const input = { registryId, maxResults: pageSize, nextToken };
        const page = await send(
          {
            operation: "DescribeRepositories",
            send: (sdk, client, request) => client.send(new sdk.DescribeRepositoriesCommand(input), request),
          },
          waiting,
        );
        yield (page?.repositories ?? []).map((found) => readRepository(found, host));
        nextToken = page?.nextToken;
      } while (nextToken !== undefined);
    },

    async createRepository(repository, settings, waiting) {
      const input = { registryId, ...createRepositoryInput(repository, settings) };
      const created = await send(
        {
          operation: "CreateRepository",
          repository,
          absent: ["RepositoryAlreadyExistsException"],
          send: (sdk, client, request) => client.send(new sdk.CreateRepositoryCommand(input), request),
        },
        waiting,
      );
      return created === undefined ? "existed" : "created";
    },
  };
}
