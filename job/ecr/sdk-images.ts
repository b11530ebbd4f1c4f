import { isDigest } from "../oci/digest.ts";
import type { EcrApi } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { SendCall } from "./sdk-call.ts";
import { readImage } from "./service-model.ts";

/** The most that ECR lists at once. */
const pageSize = 1000;

/** Without it ECR leaves archived images out. */
const filter = { imageStatus: "ANY" } as const;

/** The calls about a repository's images. */
export function imageCalls(
  send: SendCall,
  host: EcrRegistryHost,
): Pick<EcrApi, "describeImage" | "countImages"> {
  const registryId = host.accountId;
  return {
    async describeImage(repository, target, waiting) {
      const imageIds = [isDigest(target) ? { imageDigest: target } : { imageTag: target }];
      const input = { registryId, repositoryName: repository, imageIds, filter };
      const output = await send(
        {
          operation: "DescribeImages",
          repository,
          absent: ["ImageNotFoundException", "RepositoryNotFoundException"],
          send: (sdk, client, request) => client.send(new sdk.DescribeImagesCommand(input), request),
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
        const input = { registryId, repositoryName: repository, maxResults: pageSize, nextToken, filter };
        const page = await send(
          {
            operation: "ListImages",
            repository,
            absent: ["RepositoryNotFoundException"],
            send: (sdk, client, request) => client.send(new sdk.ListImagesCommand(input), request),
          },
          waiting,
        );
        // An image is listed once for each of its tags.
        for (const id of page?.imageIds ?? []) digests.add(id.imageDigest);
        nextToken = page?.nextToken;
      } while (nextToken !== undefined && digests.size < limit);
      return Math.min(limit, digests.size);
    },
  };
}
