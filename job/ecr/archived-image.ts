import type { ImageDescription } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";

/** Where an image is asked for: a tag or a digest of a repository. */
export interface AskedImage {
  readonly repository: string;
  readonly target: string;
}

/** What to know of an image that cannot be pulled before it is restored; undefined when it can. */
export function archivedImage(
  host: EcrRegistryHost,
  { repository, target }: AskedImage,
  { digest, status }: Pick<ImageDescription, "digest" | "status">,
): { readonly message: string; readonly hint: string } | undefined {
  if (status === "ACTIVE") return undefined;
  const image = `${host.host}/${repository}:${target}`.replace(/:(?=sha\d+:)/, "@");
  if (status === "ACTIVATING") {
    return {
      message: `${image} is being restored from the archive and cannot be pulled yet`,
      hint: "Run again when it is restored",
    };
  }
  const where = `--registry-id ${host.accountId} --region ${host.region} --repository-name ${repository}`;
  return {
    message: `${image} is archived and cannot be pulled`,
    hint: `Restore it: aws ecr update-image-storage-class ${where} --image-id imageDigest=${digest} --target-storage-class STANDARD`,
  };
}
