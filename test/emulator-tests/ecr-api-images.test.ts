import {
  BatchCheckLayerAvailabilityCommand,
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  ListImageReferrersCommand,
  ListImagesCommand,
  PutImageCommand,
  StartImageScanCommand,
  UpdateImageStorageClassCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { RepositorySettings } from "../emulator/repository.ts";
import {
  clientOf,
  dev,
  digestOfTag,
  manifestText,
  pushImage,
  region,
  sha256,
  uploadLayer,
} from "./ecr-api-client.ts";

const repositoryName = "team/app";
const absent = sha256("absent");

async function setUp(settings: RepositorySettings = {}) {
  const emulator = await startEcrEmulator();
  const repository = emulator.repository(dev, region, repositoryName, settings);
  return { emulator, repository, ecr: clientOf(emulator, emulator.account(dev).admin()) };
}

describe("layers", () => {
  it("are uploaded in parts and fetched from the storage", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const first = Buffer.alloc(5 * 1024 * 1024, "a");
    const last = Buffer.from("end");
    const digest = sha256(first.toString() + last.toString());
    const { uploadId, partSize } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    expect(partSize).toBeGreaterThanOrEqual(first.length);
    const part = (partFirstByte: number, layerPartBlob: Buffer) =>
      ecr.send(
        new UploadLayerPartCommand({
          ...{ repositoryName, uploadId, partFirstByte, layerPartBlob },
          partLastByte: partFirstByte + layerPartBlob.length - 1,
        }),
      );
    expect((await part(0, first)).lastByteReceived).toBe(first.length - 1);
    await expect(part(0, last)).rejects.toMatchObject({
      name: "InvalidLayerPartException",
      lastValidByteReceived: first.length - 1,
      uploadId,
    });
    await part(first.length, last);
    const complete = { repositoryName, uploadId, layerDigests: [digest] };
    expect((await ecr.send(new CompleteLayerUploadCommand(complete))).layerDigest).toBe(digest);

    const url = () => ecr.send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: digest }));
    await expect(url()).rejects.toMatchObject({ name: "LayerInaccessibleException" });
    await uploadLayer(ecr, repositoryName, "{}");
    await ecr.send(
      new PutImageCommand({ repositoryName, imageManifest: manifestText(digest, first.length + 3) }),
    );
    const { downloadUrl = "" } = await url();
    const { statusCode, body } = await request(downloadUrl);
    expect(statusCode).toBe(200);
    expect(sha256(await body.text())).toBe(digest);
  });

  it("tell which are there", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    const digest = await uploadLayer(ecr, repositoryName, "layer");
    const layerDigests = [digest, absent, "nonsense"];
    const answer = await ecr.send(new BatchCheckLayerAvailabilityCommand({ repositoryName, layerDigests }));
    expect(answer.layers).toMatchObject([
      { layerDigest: digest, layerAvailability: "AVAILABLE", layerSize: 5 },
      { layerDigest: absent, layerAvailability: "UNAVAILABLE" },
    ]);
    expect(answer.failures).toMatchObject([{ layerDigest: "nonsense", failureCode: "InvalidLayerDigest" }]);
  });

  it.each([
    ["an upload that nobody began", "EmptyUploadException", []],
    ["bytes of another digest", "InvalidLayerException", ["other"]],
    ["a small part before the last", "LayerPartTooSmallException", ["la", "yer"]],
  ])("refuse to complete %s", async (_, name, parts) => {
    const { emulator, ecr } = await setUp();
    await using __ = emulator;
    const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
    let partFirstByte = 0;
    for (const text of parts) {
      const partLastByte = partFirstByte + text.length - 1;
      const layerPartBlob = Buffer.from(text);
      await ecr.send(
        new UploadLayerPartCommand({ repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob }),
      );
      partFirstByte += text.length;
    }
    const command = { repositoryName, uploadId, layerDigests: [sha256("layer")] };
    await expect(ecr.send(new CompleteLayerUploadCommand(command))).rejects.toMatchObject({ name });
  });

  it("refuse a layer twice, an unknown upload and an unknown layer", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await uploadLayer(ecr, repositoryName, "layer");
    await expect(uploadLayer(ecr, repositoryName, "layer")).rejects.toMatchObject({
      name: "LayerAlreadyExistsException",
    });
    const unknown = { repositoryName, uploadId: "unknown", layerDigests: [absent] };
    await expect(ecr.send(new CompleteLayerUploadCommand(unknown))).rejects.toMatchObject({
      name: "UploadNotFoundException",
    });
    const missing = new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest: absent });
    await expect(ecr.send(missing)).rejects.toMatchObject({ name: "LayersNotFoundException" });
  });
});

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

describe("scans", () => {
  it("are under way at first and then done", async () => {
    const { emulator, ecr } = await setUp();
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    const scan = { repositoryName, imageId: { imageTag: "v1" } };
    await expect(ecr.send(new DescribeImageScanFindingsCommand(scan))).rejects.toMatchObject({
      name: "ScanNotFoundException",
    });
    expect((await ecr.send(new StartImageScanCommand(scan))).imageScanStatus?.status).toBe("IN_PROGRESS");
    const statuses = [];
    for (let turn = 0; turn < 2; turn += 1) {
      statuses.push((await ecr.send(new DescribeImageScanFindingsCommand(scan))).imageScanStatus?.status);
    }
    expect(statuses).toEqual(["IN_PROGRESS", "COMPLETE"]);
  });

  it.each(["findings", "enhancedFindings"] as const)("tell %s page by page", async (kind) => {
    const { emulator, ecr, repository } = await setUp();
    await using _ = emulator;
    await pushImage(ecr, repositoryName, "v1");
    const [image] = repository.manifests.values();
    if (image === undefined) throw new Error("No image");
    image.scanFindings = {
      imageScanStatus: { status: kind === "findings" ? "COMPLETE" : "ACTIVE" },
      imageScanFindings: {
        findingSeverityCounts: { CRITICAL: 1, HIGH: 2 },
        imageScanCompletedAt: 1_760_000_000,
        [kind]: ["CRITICAL", "HIGH", "HIGH"].map((severity, number) => ({
          name: `CVE-${number}`,
          severity,
          title: "t",
        })),
      },
    };
    const scan = { repositoryName, imageId: { imageTag: "v1" } };
    const first = await ecr.send(new DescribeImageScanFindingsCommand({ ...scan, maxResults: 2 }));
    const second = await ecr.send(
      new DescribeImageScanFindingsCommand({ ...scan, nextToken: first.nextToken }),
    );
    expect(first.imageScanFindings?.[kind]).toHaveLength(2);
    expect(second.imageScanFindings?.[kind]).toMatchObject([{ severity: "HIGH" }]);
    expect(second.imageScanFindings?.findingSeverityCounts).toEqual({ CRITICAL: 1, HIGH: 2 });
    const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
    expect(imageDetails?.[0]?.imageScanFindingsSummary).toEqual({
      findingSeverityCounts: { CRITICAL: 1, HIGH: 2 },
      imageScanCompletedAt: new Date(1_760_000_000_000),
    });
  });
});
