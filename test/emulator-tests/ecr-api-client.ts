import { createHash } from "node:crypto";
import {
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  ECRClient,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { mediaTypes } from "../../job/oci/media-type.ts";
import type { IdentityFixture } from "../emulator/account-fixture.ts";
import type { EcrEmulator } from "../emulator/emulator.ts";

export const dev = "111122223333";
export const prod = "444455556666";
export const region = "eu-west-1";

/** The real SDK's client, at the emulator. */
export function clientOf(emulator: EcrEmulator, credentials: IdentityFixture): ECRClient {
  return new ECRClient({ region, endpoint: emulator.url, credentials, maxAttempts: 1 });
}

/** Uploads `content` as a layer, in one part. @returns its digest. */
export async function uploadLayer(ecr: ECRClient, repositoryName: string, content: string): Promise<string> {
  const layerPartBlob = Buffer.from(content);
  const digest = sha256(content);
  const { uploadId } = await ecr.send(new InitiateLayerUploadCommand({ repositoryName }));
  const partLastByte = layerPartBlob.length - 1;
  const part = { repositoryName, uploadId, partFirstByte: 0, partLastByte, layerPartBlob };
  await ecr.send(new UploadLayerPartCommand(part));
  await ecr.send(new CompleteLayerUploadCommand({ repositoryName, uploadId, layerDigests: [digest] }));
  return digest;
}

/** The text of an image manifest of one layer; its config is a layer of `{}`. */
export function manifestText(layer: string, layerSize: number, rest: object = {}): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: sha256("{}"), size: 2 },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: layer, size: layerSize }],
    ...rest,
  });
}

/** Pushes an image of one layer through the API. @returns its digest. */
export async function pushImage(
  ecr: ECRClient,
  repositoryName: string,
  imageTag: string | undefined,
  options: { readonly content?: string; readonly rest?: object } = {},
): Promise<string> {
  const { content = "layer", rest = {} } = options;
  for (const blob of ["{}", content]) {
    await uploadLayer(ecr, repositoryName, blob).catch((error: Error) => {
      if (error.name !== "LayerAlreadyExistsException") throw error;
    });
  }
  const imageManifest = manifestText(sha256(content), content.length, rest);
  const { image } = await ecr.send(new PutImageCommand({ repositoryName, imageManifest, imageTag }));
  return image?.imageId?.imageDigest ?? "";
}

/** The digest that a tag leads to; undefined when there is none. */
export async function digestOfTag(ecr: ECRClient, repositoryName: string, imageTag: string) {
  const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
  return images?.[0]?.imageId?.imageDigest;
}

export function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
