import {
  BatchCheckLayerAvailabilityCommand,
  CompleteLayerUploadCommand,
  GetDownloadUrlForLayerCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { startEcrEmulator } from "../emulator/emulator.ts";
import type { RepositorySettings } from "../emulator/repository.ts";
import { clientOf, dev, manifestText, region, sha256, uploadLayer } from "./ecr-api-client.ts";

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
