import { randomUUID } from "node:crypto";
import { isObject } from "../../../job/oci/descriptor.ts";
import type { ApiHandler, ApiReply } from "../api-call.ts";
import { EcrException } from "../ecr-exception.ts";
import { getAuthorizationToken } from "./authorization-token.ts";
import * as templates from "./creation-templates.ts";
import { batchDeleteImage } from "./delete-images.ts";
import * as lists from "./image-lists.ts";
import * as images from "./images.ts";
import * as layers from "./layers.ts";
import * as lifecyclePolicies from "./lifecycle-policies.ts";
import type { Operation } from "./operation.ts";
import { listImageReferrers } from "./referrers.ts";
import * as registry from "./registry.ts";
import * as repositories from "./repositories.ts";
import * as repositoryPolicies from "./repository-policies.ts";
import { putImageScanningConfiguration } from "./scanning-configuration.ts";
import * as scans from "./scans.ts";
import { updateImageStorageClass } from "./storage-class.ts";
import { putImageTagMutability } from "./tag-mutability.ts";
import * as tags from "./tags.ts";

const operations: Readonly<Record<string, Operation>> = {
  ...templates,
  ...images,
  ...lists,
  ...layers,
  ...lifecyclePolicies,
  ...registry,
  ...repositories,
  ...repositoryPolicies,
  ...scans,
  ...tags,
  batchDeleteImage,
  getAuthorizationToken,
  listImageReferrers,
  putImageScanningConfiguration,
  putImageTagMutability,
  updateImageStorageClass,
};

/**
 * ECR's API in the JSON 1.1 protocol: every operation that is here is named as in the API, with a small letter first.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html}
 */
export const handleEcrApi: ApiHandler = async (call, context) => {
  const name = call.target.charAt(0).toLowerCase() + call.target.slice(1);
  const run = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (run === undefined) return errorReply("UnknownOperationException", "");
  const { principal } = call;
  if (principal === undefined) {
    return errorReply("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  const { store } = context;
  const request = { call, context, store, principal, action: `ecr:${call.target}`, now: store.clock.now() };
  try {
    return reply(200, await run(isObject(call.body) ? call.body : {}, request));
  } catch (error) {
    if (error instanceof EcrException) return errorReply(error.name, error.message, error.members);
    throw error;
  }
};

/** An error in the JSON protocol's shape; also for what is refused before it gets here, such as signatures. */
export function errorReply(code: string, message: string, members: object = {}): ApiReply {
  return reply(code === "ServerException" ? 500 : 400, { __type: code, message, ...members });
}

function reply(status: number, body: object): ApiReply {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() };
  return { status, headers, body: JSON.stringify(body) };
}
