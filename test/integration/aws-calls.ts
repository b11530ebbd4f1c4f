import type { Descriptor } from "../../job/oci/descriptor.ts";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { bytesBlob, type StoredBlob } from "../emulator/blob.ts";
import { describe, type ManifestFixture, manifestOf } from "../fixtures/image-fixture.ts";
import { platforms } from "../fixtures/platforms.ts";

/** One `aws ecr` call of the conversation that both sides have. */
export interface AwsCall {
  /** `$upload` stands for the upload that the side began last, `$layer` for the file with the layer's bytes. */
  readonly args: readonly string[];
  /** Where moto departs from ECR, and what the emulator answers there instead. */
  readonly departure?: { readonly why: string; readonly ours: RegExp };
}

/** The blob that is uploaded: config and only layer of the images at once, which no service minds. */
export const layer: StoredBlob = bytesBlob(Buffer.from('{"os":"linux","architecture":"amd64"}'));

const config: Descriptor = describe(mediaTypes.ociConfig, layer);
const layers = [describe("application/vnd.oci.image.layer.v1.tar", layer)];
const pushed = manifestOf(mediaTypes.ociManifest, { config, layers });
const other = manifestOf(mediaTypes.ociManifest, { config, layers, annotations: { moved: "yes" } });
/** Its member is never pushed. */
const orphan = manifestOf(mediaTypes.ociIndex, {
  manifests: platforms(1).map((platform) => ({
    ...other.descriptor,
    digest: `sha256:${"1".repeat(64)}`,
    platform,
  })),
});

const policy = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "PromotionPull",
      Effect: "Allow",
      Principal: { AWS: "arn:aws:iam::123456789012:root" },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    },
  ],
});

const lifecyclePolicy = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      description: "Old ones go",
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 },
      action: { type: "expire" },
    },
  ],
});

const app = ["--repository-name", "team/app"];
const locked = ["--repository-name", "team/locked"];
const nobody = ["--repository-name", "team/nobody"];
const lockedArn = "arn:aws:ecr:eu-west-1:123456789012:repository/team/locked";
const wrong = `sha256:${"0".repeat(64)}`;

function put(
  repository: readonly string[],
  { descriptor, bytes }: ManifestFixture,
  tag: string,
): readonly string[] {
  const manifest = ["--image-manifest", Buffer.from(bytes).toString()];
  const type = ["--image-manifest-media-type", descriptor.mediaType];
  // moto knows a digest only when it is told one.
  const digest = ["--image-digest", descriptor.digest];
  return ["put-image", ...repository, ...manifest, ...type, ...digest, "--image-tag", tag];
}

function upload(repository: readonly string[]): readonly AwsCall[] {
  const id = ["--upload-id", "$upload"];
  const part = ["--part-first-byte", "0", "--part-last-byte", String(layer.size - 1)];
  return [
    { args: ["initiate-layer-upload", ...repository] },
    { args: ["upload-layer-part", ...repository, ...id, ...part, "--layer-part-blob", "fileb://$layer"] },
    { args: ["complete-layer-upload", ...repository, ...id, "--layer-digests", layer.digest] },
  ];
}

/** Repositories with all their settings, and the policies on them. */
const repositories: readonly AwsCall[] = [
  { args: ["describe-repositories"] },
  { args: ["create-repository", ...app] },
  { args: ["create-repository", ...app] },
  {
    args: [
      ...["create-repository", ...locked, "--image-tag-mutability", "IMMUTABLE"],
      ...["--image-scanning-configuration", "scanOnPush=true"],
      ...["--encryption-configuration", "encryptionType=AES256"],
      ...["--tags", "Key=team,Value=platform"],
    ],
  },
  {
    args: ["create-repository", "--repository-name", "Team_Upper"],
    departure: {
      why: "moto leaves out the last quotation mark of the message",
      ours: /\(InvalidParameterException\).* Invalid parameter at 'repositoryName' failed to satisfy constraint: .*''$/,
    },
  },
  { args: ["describe-repositories"] },
  { args: ["describe-repositories", "--repository-names", "team/nobody"] },
  { args: ["list-tags-for-resource", "--resource-arn", lockedArn] },
  { args: ["put-image-tag-mutability", ...app, "--image-tag-mutability", "IMMUTABLE"] },
  { args: ["put-image-tag-mutability", ...app, "--image-tag-mutability", "MUTABLE"] },
  { args: ["put-image-tag-mutability", ...nobody, "--image-tag-mutability", "MUTABLE"] },
  { args: ["get-repository-policy", ...app] },
  { args: ["set-repository-policy", ...app, "--policy-text", policy] },
  { args: ["get-repository-policy", ...app] },
  { args: ["set-repository-policy", ...app, "--policy-text", "{not json"] },
  { args: ["set-repository-policy", ...nobody, "--policy-text", policy] },
  { args: ["delete-repository-policy", ...app] },
  { args: ["get-lifecycle-policy", ...app] },
  { args: ["put-lifecycle-policy", ...app, "--lifecycle-policy-text", lifecyclePolicy] },
  { args: ["get-lifecycle-policy", ...app] },
  { args: ["put-lifecycle-policy", ...nobody, "--lifecycle-policy-text", lifecyclePolicy] },
];

/** Layers and images, pushed by the API alone. */
const images: readonly AwsCall[] = [
  ...upload(app),
  ...upload(locked),
  { args: ["batch-check-layer-availability", ...app, "--layer-digests", layer.digest] },
  {
    args: ["batch-check-layer-availability", ...app, "--layer-digests", wrong],
    departure: {
      why: "moto counts a layer that is not there as a failure; ECR has UNAVAILABLE for it",
      ours: /"layerAvailability": "UNAVAILABLE"/,
    },
  },
  { args: put(app, pushed, "1") },
  { args: put(app, pushed, "1") },
  { args: put(app, pushed, "latest") },
  { args: put(app, other, "latest") },
  {
    args: put(nobody, pushed, "1"),
    departure: {
      why: "moto breaks with 500 where there is no repository",
      ours: /\(RepositoryNotFoundException\).*'team\/nobody' does not exist in the registry with id '123456789012'/,
    },
  },
  {
    args: put(app, orphan, "orphan"),
    departure: {
      why: "moto takes an index whose members are missing",
      ours: /\(ReferencedImagesNotFoundException\)/,
    },
  },
  { args: put(locked, pushed, "1") },
  {
    args: put(locked, other, "1"),
    departure: {
      why: "moto names an image that is not there instead of the tag that is immutable",
      ours: /\(ImageTagAlreadyExistsException\).* The image tag '1' already exists in the 'team\/locked' repository/,
    },
  },
  { args: ["list-images", ...locked] },
  { args: ["list-images", ...app, "--filter", "tagStatus=UNTAGGED"] },
  { args: ["list-images", ...nobody] },
  {
    args: ["describe-images", ...locked, "--image-ids", "imageTag=1"],
    departure: {
      why: "moto counts no layers into the size, and knows neither the artifact's type nor an image's status",
      ours: /"imageSizeInBytes": 74,[\s\S]*"imageStatus": "ACTIVE"/,
    },
  },
  { args: ["describe-images", ...app, "--image-ids", "imageTag=none"] },
  { args: ["batch-get-image", ...app, "--image-ids", "imageTag=1", "imageTag=none"] },
  {
    args: ["batch-get-image", ...app, "--image-ids", `imageDigest=${other.descriptor.digest}`],
    departure: {
      why: "moto names a tag of the image although it was asked for a digest",
      ours: /"imageId": \{\s*"imageDigest": "sha256:\w{64}"\s*\}/,
    },
  },
  { args: ["batch-get-image", ...nobody, "--image-ids", "imageTag=1"] },
  { args: ["batch-delete-image", ...app, "--image-ids", "imageTag=1", "imageTag=none"] },
  { args: ["batch-delete-image", ...app, "--image-ids", `imageDigest=${pushed.descriptor.digest}`] },
  { args: ["delete-repository", ...locked] },
  { args: ["delete-repository", ...app, "--force"] },
  { args: ["delete-repository", ...app] },
];

/** What somebody does with a registry, mistakes included; each call builds on those before. */
export const conversation: readonly AwsCall[] = [...repositories, ...images];
