import type { EcrApi, KeptImage } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { SendCall } from "./sdk-call.ts";
import { readImage } from "./service-model.ts";

/** The most that ECR lists at once. */
const pageSize = 1000;

/** What ECR says of an image that is not there any more. */
const goneCodes: ReadonlySet<string | undefined> = new Set(["ImageNotFound", "InvalidImageDigest"]);

/** The calls about all images of a repository, and about their end. */
export function imageListCalls(
  send: SendCall,
  host: EcrRegistryHost,
): Pick<EcrApi, "listImages" | "deleteImages"> {
  const registryId = host.accountId;
  return {
    async *listImages(repository, waiting) {
      let nextToken: string | undefined;
      do {
        // Without the filter ECR leaves archived images out.
        const filter = { imageStatus: "ANY" } as const;
        const input = { registryId, repositoryName: repository, maxResults: pageSize, nextToken, filter };
        const page = await send(
          {
            operation: "DescribeImages",
            repository,
            absent: ["RepositoryNotFoundException"],
            send: (sdk, client, request) => client.send(new sdk.DescribeImagesCommand(input), request),
          },
          waiting,
        );
        yield page && (page.imageDetails ?? []).map(readImage);
        nextToken = page?.nextToken;
      } while (nextToken !== undefined);
    },

    async deleteImages(repository, digests, waiting) {
      const imageIds = digests.map((imageDigest) => ({ imageDigest }));
      const input = { registryId, repositoryName: repository, imageIds };
      const answer = await send(
        {
          operation: "BatchDeleteImage",
          repository,
          send: (sdk, client, request) => client.send(new sdk.BatchDeleteImageCommand(input), request),
        },
        waiting,
      );
      return (answer?.failures ?? []).flatMap(({ imageId, failureCode, failureReason }): KeptImage[] => {
        if (goneCodes.has(failureCode)) return [];
        const reason = [failureCode, failureReason].filter(Boolean).join(": ");
        return [{ digest: imageId?.imageDigest ?? "", reason }];
      });
    },
  };
}
