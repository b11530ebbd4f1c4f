import type { EmulatedKind } from "../request-log.ts";

/** What a request to `/v2` is about. */
export interface RegistryRoute {
  readonly kind: EmulatedKind;
  /** The ECR action that it counts as and needs; none for `/v2/` itself. */
  readonly action?: string;
  /** Empty for requests about the whole registry. */
  readonly repository: string;
  /** The tag, digest or upload's id at the end of the path. */
  readonly target: string;
}

const operations: Readonly<Record<string, readonly [kind: EmulatedKind, action: string]>> = {
  "HEAD manifests": ["manifest-head", "BatchGetImage"],
  "GET manifests": ["manifest-get", "BatchGetImage"],
  "PUT manifests": ["manifest-put", "PutImage"],
  "DELETE manifests": ["manifest-delete", "BatchDeleteImage"],
  "HEAD blobs": ["blob-head", "BatchCheckLayerAvailability"],
  "GET blobs": ["blob-get", "GetDownloadUrlForLayer"],
  "DELETE blobs": ["blob-delete", "BatchDeleteImage"],
  "POST uploads": ["upload-start", "InitiateLayerUpload"],
  "PATCH uploads": ["upload-part", "UploadLayerPart"],
  "PUT uploads": ["upload-finish", "CompleteLayerUpload"],
  "GET uploads": ["upload-status", "UploadLayerPart"],
  "DELETE uploads": ["upload-cancel", "InitiateLayerUpload"],
  "GET tags": ["tags", "ListImages"],
  "GET referrers": ["referrers", "BatchGetImage"],
};

const resources: readonly (readonly [resource: string, path: RegExp])[] = [
  ["uploads", /^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/],
  ["blobs", /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ["manifests", /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ["tags", /^\/v2\/(.+)\/tags\/(list)$/],
  ["referrers", /^\/v2\/(.+)\/referrers\/([^/]+)$/],
];

/** Reads method and path; undefined when the specification has no such request. */
export function readRoute(method: string, path: string): RegistryRoute | undefined {
  if (path === "/v2" || path === "/v2/") return { kind: "ping", repository: "", target: "" };
  if (path === "/v2/_catalog") {
    return { kind: "catalog", action: "DescribeRepositories", repository: "", target: "" };
  }
  for (const [resource, pattern] of resources) {
    const [, repository, target] = pattern.exec(path) ?? [];
    if (repository === undefined || target === undefined) continue;
    const [kind, action] = operations[`${method} ${resource}`] ?? [];
    if (kind === undefined || action === undefined) return undefined;
    return { kind, action, repository, target: decodeURIComponent(target) };
  }
  return undefined;
}
