import type { ECRClient } from "@aws-sdk/client-ecr";
import type { Waiting } from "../oci/content.ts";
import { isDigest } from "../oci/digest.ts";
import type { AuthorizationToken, EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import { serviceError } from "./service-error.ts";
import { createRepositoryInput, readAuthorizationToken, readImage, readRepository } from "./service-model.ts";

type Sdk = typeof import("@aws-sdk/client-ecr");

/** Most members of one page of `ListImages`. */
const pageSize = 1000;

interface Call<T> {
  readonly operation: string;
  readonly repository?: string;
  readonly work: (sdk: Sdk, request: { abortSignal?: AbortSignal }) => Promise<T>;
  /** Exceptions by which ECR says that what was asked for is not there. */
  readonly absent?: readonly string[];
}

/** ECR's API of one registry through a client of the AWS SDK, with every exception turned into a PromoterError. */
export function sdkApi(options: {
  readonly host: EcrRegistryHost;
  readonly identity: string;
  readonly client: ECRClient;
}): EcrApi {
  const { host, client } = options;
  const registryId = host.accountId;

  async function call<T>(request: Call<T>, waiting: Waiting = {}): Promise<T | undefined> {
    const { operation, repository, work, absent = [] } = request;
    waiting.signal?.throwIfAborted();
    try {
      const sdk = await import("@aws-sdk/client-ecr");
      return await work(sdk, waiting.signal ? { abortSignal: waiting.signal } : {});
    } catch (error) {
      waiting.signal?.throwIfAborted();
      if (error instanceof Error && absent.includes(error.name)) return undefined;
      throw serviceError(error, {
        operation,
        host,
        identity: options.identity,
        ...(repository !== undefined && { repository }),
      });
    }
  }

  async function getAuthorizationToken(waiting?: Waiting): Promise<AuthorizationToken> {
    const output = await call(
      {
        operation: "GetAuthorizationToken",
        work: (sdk, request) => client.send(new sdk.GetAuthorizationTokenCommand({}), request),
      },
      waiting,
    );
    return readAuthorizationToken(output?.authorizationData?.[0], host);
  }

  let caller: Promise<string | undefined> | undefined;

  return {
    host,
    getAuthorizationToken,
    callerAccount(waiting) {
      caller ??= getAuthorizationToken(waiting).then(
        (token) => token.callerAccount,
        (error) => {
          caller = undefined;
          throw error;
        },
      );
      return caller;
    },
    async describeRepository(repository, waiting) {
      const output = await call(
        {
          operation: "DescribeRepositories",
          repository,
          absent: ["RepositoryNotFoundException"],
          work: (sdk, request) =>
            client.send(
              new sdk.DescribeRepositoriesCommand({ registryId, repositoryNames: [repository] }),
              request,
            ),
        },
        waiting,
      );
      const found = output?.repositories?.[0];
      return found && readRepository(found, host, repository);
    },
    async createRepository(repository, settings, waiting) {
      const created = await call(
        {
          operation: "CreateRepository",
          repository,
          absent: ["RepositoryAlreadyExistsException"],
          work: (sdk, request) =>
            client.send(
              new sdk.CreateRepositoryCommand({ registryId, ...createRepositoryInput(repository, settings) }),
              request,
            ),
        },
        waiting,
      );
      return created === undefined ? "existed" : "created";
    },
    async describeImage(repository, target, waiting) {
      const imageIds = [isDigest(target) ? { imageDigest: target } : { imageTag: target }];
      const output = await call(
        {
          operation: "DescribeImages",
          repository,
          absent: ["ImageNotFoundException", "RepositoryNotFoundException"],
          work: (sdk, request) =>
            client.send(
              new sdk.DescribeImagesCommand({
                registryId,
                repositoryName: repository,
                imageIds,
              }),
              request,
            ),
        },
        waiting,
      );
      const found = output?.imageDetails?.[0];
      return found && readImage(found);
    },
    async countImages(repository, limit, waiting) {
      const digests = new Set<string | undefined>();
      let nextToken: string | undefined;
      do {
        const page = await call(
          {
            operation: "ListImages",
            repository,
            absent: ["RepositoryNotFoundException"],
            work: (sdk, request) =>
              client.send(
                new sdk.ListImagesCommand({
                  registryId,
                  repositoryName: repository,
                  maxResults: pageSize,
                  nextToken,
                }),
                request,
              ),
          },
          waiting,
        );
        // An image is listed once for each of its tags.
        for (const id of page?.imageIds ?? []) digests.add(id.imageDigest);
        nextToken = page?.nextToken;
      } while (nextToken !== undefined && digests.size < limit);
      return Math.min(limit, digests.size);
    },
    async getLifecyclePolicy(repository, waiting) {
      const output = await call(
        {
          operation: "GetLifecyclePolicy",
          repository,
          absent: ["LifecyclePolicyNotFoundException", "RepositoryNotFoundException"],
          work: (sdk, request) =>
            client.send(
              new sdk.GetLifecyclePolicyCommand({ registryId, repositoryName: repository }),
              request,
            ),
        },
        waiting,
      );
      return output?.lifecyclePolicyText;
    },
    async putLifecyclePolicy(repository, lifecyclePolicyText, waiting) {
      await call(
        {
          operation: "PutLifecyclePolicy",
          repository,
          work: (sdk, request) =>
            client.send(
              new sdk.PutLifecyclePolicyCommand({
                registryId,
                repositoryName: repository,
                lifecyclePolicyText,
              }),
              request,
            ),
        },
        waiting,
      );
    },
    async getRepositoryPolicy(repository, waiting) {
      const output = await call(
        {
          operation: "GetRepositoryPolicy",
          repository,
          absent: ["RepositoryPolicyNotFoundException", "RepositoryNotFoundException"],
          work: (sdk, request) =>
            client.send(
              new sdk.GetRepositoryPolicyCommand({ registryId, repositoryName: repository }),
              request,
            ),
        },
        waiting,
      );
      return output?.policyText;
    },
    async setRepositoryPolicy(repository, policyText, waiting) {
      await call(
        {
          operation: "SetRepositoryPolicy",
          repository,
          work: (sdk, request) =>
            client.send(
              new sdk.SetRepositoryPolicyCommand({ registryId, repositoryName: repository, policyText }),
              request,
            ),
        },
        waiting,
      );
    },
    async getAccountSetting(name, waiting) {
      const output = await call(
        {
          operation: "GetAccountSetting",
          work: (sdk, request) => client.send(new sdk.GetAccountSettingCommand({ name }), request),
        },
        waiting,
      );
      return output?.value;
    },
  };
}
