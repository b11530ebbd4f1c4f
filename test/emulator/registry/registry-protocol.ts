import { authenticate, denial } from "../authorization.ts";
import { repositoryNotFound } from "../ecr-exception.ts";
import type { EmulatorContext } from "../emulator-context.ts";
import type { Principal } from "../identity.ts";
import { errorReply, replyToRefusal } from "../registry-error.ts";
import { emptyReply, jsonReply, type Reply } from "../reply.ts";
import type { Repository } from "../repository.ts";
import type { EmulatedKind, OpenRequest } from "../request-log.ts";
import type { StorageOrigin } from "../storage-origin.ts";
import { deleteBlob, getBlob, headBlob } from "./blobs.ts";
import { deleteManifest, putManifest, readManifest } from "./manifests.ts";
import { readPage } from "./pages.ts";
import { listReferrers } from "./referrers.ts";
import type { RegistryCall, RegistryRequest } from "./registry-call.ts";
import type { RegistryRoute } from "./route.ts";
import { listTags } from "./tags.ts";
import { cancelUpload, finishUpload, patchUpload, startUpload, uploadStatus } from "./uploads.ts";

const handlers: Readonly<Partial<Record<EmulatedKind, (call: RegistryCall) => Reply | Promise<Reply>>>> = {
  "manifest-head": readManifest,
  "manifest-get": readManifest,
  "manifest-put": putManifest,
  "manifest-delete": deleteManifest,
  "blob-head": headBlob,
  "blob-get": getBlob,
  "blob-delete": deleteBlob,
  "upload-start": startUpload,
  "upload-part": patchUpload,
  "upload-finish": finishUpload,
  "upload-status": uploadStatus,
  "upload-cancel": cancelUpload,
  tags: listTags,
  referrers: listReferrers,
};

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests} and section "Pull". */
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

export interface RegistryParts {
  readonly context: EmulatorContext;
  readonly storage: StorageOrigin;
}

/**
 * Answers a request to `/v2`: who asks, how often, whether they may, whether the repository is there, and then what
 * was asked.
 */
export async function answerRegistry(
  parts: RegistryParts,
  request: RegistryRequest,
  route: RegistryRoute,
  entry: OpenRequest,
): Promise<Reply> {
  const { context } = parts;
  const asked = authenticate(context, request.headers.authorization, request.headers.host ?? "");
  if ("refusal" in asked) return asked.refusal;
  const { principal } = asked;
  if (principal !== undefined) entry.principal = principal.arn;
  const { action } = route;
  if (action === undefined) return jsonReply(200, {}, { "docker-distribution-api-version": "registry/2.0" });
  const repository = route.repository === "" ? undefined : route.repository;
  if (!context.admits(action, request.registry)) return tooManyRequests();
  const refused = denial(context, { ...request.registry, principal, action, repository });
  if (refused !== undefined) return refused;
  if (repository === undefined) return listCatalog(parts, request);
  if (!repositoryName.test(repository)) {
    return errorReply(400, "NAME_INVALID", `'${repository}' is not a valid repository name`);
  }
  return await answerRepository(parts, request, route, principal);
}

async function answerRepository(
  { context, storage }: RegistryParts,
  request: RegistryRequest,
  route: RegistryRoute,
  principal: Principal | undefined,
): Promise<Reply> {
  const handler = handlers[route.kind];
  if (handler === undefined) return emptyReply(405);
  try {
    const repository = openRepository(context, request, route);
    const call = { ...request, context, storage, principal, repository, target: route.target };
    return await handler(call);
  } catch (error) {
    const reply = replyToRefusal(error);
    return context.quirks.has("missing-blobs-code") ? reply : withStandardCode(reply, error);
  }
}

/** The repository; made by a push where that is the custom, or a creation template says so. */
function openRepository(
  context: EmulatorContext,
  { registry }: RegistryRequest,
  { kind, repository: name }: RegistryRoute,
): Repository {
  const { accountId, region } = registry;
  const found = context.store.findRepository(accountId, region, name);
  if (found !== undefined) return found;
  const isPush = kind === "upload-start" || kind === "manifest-put";
  if (!isPush) throw repositoryNotFound(accountId, name);
  if (!context.quirks.has("no-create-on-push"))
    return context.store.createRepository(accountId, region, name);
  const template = context.store.creationTemplateFor(accountId, region, name, "CREATE_ON_PUSH");
  if (template === undefined) throw repositoryNotFound(accountId, name);
  return context.store.createRepository(accountId, region, name, template);
}

function listCatalog({ context }: RegistryParts, { registry, url }: RegistryRequest): Reply {
  const { repositories } = context.store.region(registry.accountId, registry.region);
  const page = readPage({ context, url }, repositories.keys());
  return "status" in page ? page : jsonReply(200, { repositories: page.names }, page.headers);
}

function withStandardCode(reply: Reply, error: unknown): Reply {
  return error instanceof Error && error.name === "LayersNotFoundException"
    ? errorReply(404, "MANIFEST_BLOB_UNKNOWN", error.message)
    : reply;
}

export function tooManyRequests(): Reply {
  return errorReply(429, "TOOMANYREQUESTS", "Rate exceeded");
}
