import {
  DescribeImagesCommand,
  ListImageReferrersCommand,
  ListImagesCommand,
  UpdateImageStorageClassCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { RepositorySettings } from "../emulator/repository.ts";
import { clientOf, dev, digestOfTag, pushImage, region } from "./ecr-api-client.ts";

const repositoryName = "team/app";

async function setUp(settings: RepositorySettings = {}) {
  const emulator = await startEcrEmulator();
  const repository = emulator.repository(dev, region, repositoryName, settings);
  return { emulator, repository, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("lists", () => {
  it("tell images by tag and by status", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const tagged = await pushImage(ecr, repositoryName, "v1");
    await pushImage(ecr, repositoryName, "v2");
    const untagged = await pushImage(ecr, repositoryName, undefined, { content: "other" });
    const list = async (tagStatus?: "TAGGED" | "UNTAGGED") =>
      (await ecr.send(new ListImagesCommand({ repositoryName, ...(tagStatus && { filter: { tagStatus } }) })))
        .imageIds;
    expect(await list()).toHaveLength(3);
    expect(await list("TAGGED")).toEqual([
      { imageDigest: tagged, imageTag: "v1" },
      { imageDigest: tagged, imageTag: "v2" },
    ]);
    expect(await list("UNTAGGED")).toEqual([{ imageDigest: untagged }]);
    const first = await ecr.send(new ListImagesCommand({ repositoryName, maxResults: 2 }));
    const rest = await ecr.send(new ListImagesCommand({ repositoryName, nextToken: first.nextToken }));
    expect([first.imageIds?.length, rest.imageIds?.length, rest.nextToken]).toEqual([2, 1, undefined]);
  });

  it("describe images", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const imageDigest = await pushImage(ecr, repositoryName, "v1");
    await digestOfTag(ecr, repositoryName, "v1");
    const { imageDetails } = await ecr.send(
      new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "v1" }] }),
    );
    expect(imageDetails).toEqual([
      {
        registryId: dev,
        repositoryName,
        imageDigest,
        imageTags: ["v1"],
        imageSizeInBytes: "{}layer".length,
        imagePushedAt: expect.any(Date),
        imageManifestMediaType: mediaTypes.ociManifest,
        artifactMediaType: mediaTypes.ociConfig,
        lastRecordedPullTime: expect.any(Date),
        imageStatus: "ACTIVE",
      },
    ]);
    const missing = new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "absent" }] });
    await expect(ecr.send(missing)).rejects.toMatchObject({
      name: "ImageNotFoundException",
      message: `The image with imageId {imageDigest:'null', imageTag:'absent'} does not exist within the repository with name '${repositoryName}' in the registry with id '${dev}'`,
    });
  });

  it("leave archived images out, which cannot be pulled", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const imageId = { imageDigest: await pushImage(ecr, repositoryName, "v1") };
    const move = (targetStorageClass: "ARCHIVE" | "STANDARD") =>
      ecr.send(new UpdateImageStorageClassCommand({ repositoryName, imageId, targetStorageClass }));
    expect((await move("ARCHIVE")).imageStatus).toBe("ARCHIVED");
    expect((await ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails).toEqual([]);
    const archived = new DescribeImagesCommand({ repositoryName, filter: { imageStatus: "ARCHIVED" } });
    expect((await ecr.send(archived)).imageDetails).toMatchObject([
      { imageStatus: "ARCHIVED", lastArchivedAt: expect.any(Date) },
    ]);
    expect(await digestOfTag(ecr, repositoryName, "v1")).toBeUndefined();
    await move("STANDARD");
    expect(await digestOfTag(ecr, repositoryName, "v1")).toBe(imageId.imageDigest);
  });

  it("tell what is attached to an image", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const imageDigest = await pushImage(ecr, repositoryName, "v1");
    const subject = { mediaType: mediaTypes.ociManifest, digest: imageDigest, size: 1 };
    const rest = { subject, artifactType: "application/example", annotations: { by: "us" } };
    const digest = await pushImage(ecr, repositoryName, undefined, { rest });
    const list = async (artifactTypes?: string[]) =>
      (
        await ecr.send(
          new ListImageReferrersCommand({
            ...{ repositoryName, subjectId: { imageDigest } },
            ...(artifactTypes && { filter: { artifactTypes } }),
          }),
        )
      ).referrers;
    expect(await list()).toEqual([
      {
        ...{ digest, mediaType: mediaTypes.ociManifest, artifactType: "application/example" },
        ...{ size: expect.any(Number), annotations: { by: "us" }, artifactStatus: "ACTIVE" },
      },
    ]);
    expect(await list(["application/other"])).toEqual([]);
  });
});
