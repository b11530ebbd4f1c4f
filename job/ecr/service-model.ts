import type {
  AuthorizationData,
  CreateRepositoryCommandInput,
  ImageDetail,
  Repository,
} from "@aws-sdk/client-ecr";
import { PromoterError } from "../error.ts";
import type { AuthorizationToken, ImageDescription, RepositoryDescription } from "./api.ts";
import { type EcrRegistryHost, parseEcrHost, repositoryArn } from "./registry-host.ts";
import type { RepositorySettings } from "./repository-settings.ts";

/**
 * Takes a token apart. `proxyEndpoint` is always the plain host of the caller's own registry: it tells whose account it
 * is, never what the token is for.
 *
 * @throws {PromoterError} `InvalidResponse` when the answer holds no token of the documented form.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html}
 */
export function readAuthorizationToken(
  data: AuthorizationData | undefined,
  host: EcrRegistryHost,
): AuthorizationToken {
  const decoded = Buffer.from(data?.authorizationToken ?? "", "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1 || data?.expiresAt === undefined) {
    throw new PromoterError("InvalidResponse", `Cannot read the token that ECR gave for ${host.host}`, {
      hint: "Check that what answers is ECR's API; an endpoint override may lead elsewhere",
    });
  }
  const own = parseEcrHost(URL.parse(data.proxyEndpoint ?? "")?.host ?? "");
  return {
    username: decoded.slice(0, colon),
    password: decoded.slice(colon + 1),
    expiresAt: data.expiresAt.getTime(),
    ...(own && { callerAccount: own.accountId }),
  };
}

export function readRepository(repository: Repository, host: EcrRegistryHost): RepositoryDescription {
  const { encryptionConfiguration: encryption, repositoryName: name = "" } = repository;
  return {
    name,
    arn: repository.repositoryArn ?? repositoryArn(host, name),
    mutability: {
      mode: repository.imageTagMutability ?? "MUTABLE",
      exclusions: (repository.imageTagMutabilityExclusionFilters ?? []).flatMap(({ filter }) => filter ?? []),
    },
    encryption: {
      type: encryption?.encryptionType ?? "AES256",
      ...(encryption?.kmsKey !== undefined && { kmsKey: encryption.kmsKey }),
    },
    scanOnPush: repository.imageScanningConfiguration?.scanOnPush ?? false,
  };
}

export function readImage(image: ImageDetail): ImageDescription {
  return {
    digest: image.imageDigest ?? "",
    tags: image.imageTags ?? [],
    status: image.imageStatus ?? "ACTIVE",
    ...(image.imageManifestMediaType !== undefined && { mediaType: image.imageManifestMediaType }),
    ...(image.subjectManifestDigest !== undefined && { subject: image.subjectManifestDigest }),
    ...(image.imagePushedAt !== undefined && { pushedAt: image.imagePushedAt.getTime() }),
  };
}

/** What `CreateRepository` is sent. {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html} */
export function createRepositoryInput(
  repositoryName: string,
  settings: RepositorySettings,
): Omit<CreateRepositoryCommandInput, "registryId"> {
  const { mutability, scanOnPush, encryption, tags } = settings;
  const exclusions = mutability?.exclusions ?? [];
  return {
    repositoryName,
    ...(mutability && { imageTagMutability: mutability.mode }),
    ...(exclusions.length > 0 && {
      imageTagMutabilityExclusionFilters: exclusions.map((filter) => ({ filterType: "WILDCARD", filter })),
    }),
    ...(scanOnPush !== undefined && { imageScanningConfiguration: { scanOnPush } }),
    ...(encryption && {
      encryptionConfiguration: {
        encryptionType: encryption.type,
        ...(encryption.kmsKey !== undefined && { kmsKey: encryption.kmsKey }),
      },
    }),
    ...(tags && { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  };
}
