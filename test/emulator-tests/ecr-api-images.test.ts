import { BatchDeleteImageCommand, BatchGetImageCommand, PutImageCommand } from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { RepositorySettings } from "../emulator/repository.ts";
import { clientOf, dev, digestOfTag, manifestText, pushImage, region, sha256 } from "./ecr-api-client.ts";

const repositoryName = "team/app";
const absent = sha256("absent");

async function setUp(settings: RepositorySettings = {}) {
  const emulator = await startEcrEmulator();
  const repository = emulator.repository(dev, region, repositoryName, settings);
  return { emulator, repository, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("PutImage and BatchGetImage", () => {
  it("keep the manifest's very bytes", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const digest = await pushImage(ecr, repositoryName, "v1");
    const imageIds = [
      { imageTag: "v1" },
      { imageDigest: digest },
      { imageTag: "absent" },
      {},
      { imageTag: "v1", imageDigest: absent },
    ];
    const { images, failures } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds }));
    expect(images?.map((image) => sha256(image.imageManifest ?? ""))).toEqual([digest, digest]);
    expect(images?.[0]).toMatchObject({
      imageId: { imageTag: "v1", imageDigest: digest },
      imageManifestMediaType: mediaTypes.ociManifest,
    });
    expect(failures?.map((failure) => failure.failureCode)).toEqual([
      "ImageNotFound",
      "MissingDigestAndTag",
      "ImageTagDoesNotMatchDigest",
    ]);
  });

  it("refuse what is there already", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    await expect(pushImage(ecr, repositoryName, "v1")).rejects.toMatchObject({
      name: "ImageAlreadyExistsException",
    });
  });

  it("refuse to move an immutable tag, as the registry protocol does", async () => {
    const { emulator, ecr } = await setUp({
      imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "latest*" }],
    });
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    await pushImage(ecr, repositoryName, "latest");
    const again = pushImage(ecr, repositoryName, "v1", { content: "other" });
    await expect(again).rejects.toMatchObject({ name: "ImageTagAlreadyExistsException" });
    const moved = await pushImage(ecr, repositoryName, "latest", { content: "other" });
    expect(await digestOfTag(ecr, repositoryName, "latest")).toBe(moved);
  });

  it.each([
    ["a manifest whose layers are missing", manifestText(absent, 1), {}, "LayersNotFoundException"],
    [
      "an index whose members are missing",
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [{ mediaType: mediaTypes.ociManifest, digest: absent, size: 1 }],
      }),
      {},
      "ReferencedImagesNotFoundException",
    ],
    [
      "a digest that is not the manifest's",
      manifestText(absent, 1),
      { imageDigest: absent },
      "ImageDigestDoesNotMatchException",
    ],
    ["no JSON", "{", {}, "InvalidParameterException"],
    [
      "a media type that is none",
      "{}",
      { imageManifestMediaType: "text/plain" },
      "InvalidParameterException",
    ],
    ["a tag outside the grammar", manifestText(absent, 1), { imageTag: "v1+x" }, "InvalidParameterException"],
  ])("refuse %s", async (_, imageManifest, rest, name) => {
    const { emulator, ecr } = await setUp();
    await using __ = emulator;
    await expect(
      ecr.send(new PutImageCommand({ repositoryName, imageManifest, ...rest })),
    ).rejects.toMatchObject({ name });
  });

  it("converts what is asked for by tag in other words, and never by digest", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const imageDigest = await pushImage(ecr, repositoryName, "v1");
    const ask = (imageId: object) => {
      const acceptedMediaTypes = [mediaTypes.dockerManifest];
      return ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [imageId], acceptedMediaTypes }));
    };
    const [converted] = (await ask({ imageTag: "v1" })).images ?? [];
    expect(converted?.imageManifestMediaType).toBe(mediaTypes.dockerManifest);
    expect(converted?.imageId?.imageDigest).not.toBe(imageDigest);
    expect((await ask({ imageDigest })).images?.[0]?.imageManifestMediaType).toBe(mediaTypes.ociManifest);
  });
});

describe("BatchDeleteImage", () => {
  it("takes a tag away, and the image with its last tag", async () => {
    const { emulator, ecr, repository } = await setUp();
    await using _ = emulator;
    const imageDigest = await pushImage(ecr, repositoryName, "v1");
    await pushImage(ecr, repositoryName, "v2");
    const remove = (imageId: object) =>
      ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [imageId] }));
    expect((await remove({ imageTag: "v1" })).imageIds).toEqual([{ imageDigest, imageTag: "v1" }]);
    expect(repository.manifests.size).toBe(1);
    await remove({ imageTag: "v2" });
    expect(repository.manifests.size).toBe(0);
    expect((await remove({ imageDigest })).failures).toMatchObject([{ failureCode: "ImageNotFound" }]);
  });

  it("keeps the members of an index", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const imageDigest = await pushImage(ecr, repositoryName, undefined);
    const member = { mediaType: mediaTypes.ociManifest, digest: imageDigest, size: 1 };
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [member],
    });
    await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag: "v1" }));
    const { failures } = await ecr.send(
      new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageDigest }] }),
    );
    expect(failures).toMatchObject([{ failureCode: "ImageReferencedByManifestList" }]);
  });
});
