import { region as defaultRegion, devAccount } from "../scenarios/two-accounts.ts";

export interface PushEventOptions {
  readonly id?: string;
  readonly account?: string;
  readonly region?: string;
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
  readonly time?: string;
  /** Fields of the detail that are otherwise, or not there. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export const someDigest = `sha256:${"7".repeat(64)}`;

let made = 0;

/** An event as EventBridge delivers it when an image was pushed to ECR. */
export function pushEvent(options: PushEventOptions = {}) {
  made += 1;
  const {
    id = `13cde686-328b-6117-af20-${String(made).padStart(12, "0")}`,
    account = devAccount,
    region = defaultRegion,
    repository = "team/app",
    digest = someDigest,
    tag = "1",
    time = "2026-11-16T01:54:34Z",
    detail = {},
  } = options;
  return {
    version: "0",
    id,
    "detail-type": "ECR Image Action",
    source: "aws.ecr",
    account,
    time,
    region,
    resources: [],
    detail: {
      result: "SUCCESS",
      "repository-name": repository,
      "image-digest": digest,
      "action-type": "PUSH",
      "image-tag": tag,
      "manifest-media-type": "application/vnd.oci.image.manifest.v1+json",
      "artifact-media-type": "application/vnd.oci.image.config.v1+json",
      ...detail,
    },
  };
}
