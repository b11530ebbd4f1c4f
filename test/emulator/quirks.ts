import type { EmulatorOptions } from "./emulator-options.ts";

interface QuirkRow {
  /** What ECR does. */
  readonly departure: string;
  /** Where it is documented or was seen. */
  readonly source: string;
  /** Also on in mode `strict`, because the specification allows it and other registries do it too. */
  readonly strict?: true;
}

/** Where ECR departs from the distribution specification, or uses a freedom that it leaves. */
export const quirks = {
  "blob-redirect": {
    departure: "GET of a blob answers 307 to a presigned address of another origin",
    source: "open-policy-agent/opa#6580, renovatebot/renovate#3877",
  },
  "patch-201": {
    departure: "PATCH of a chunk answers 201 instead of 202",
    source: "cirruslabs/tart#273, dotnet/sdk-container-builds#279",
  },
  "stale-range": {
    departure: "the Range of later chunks stays at the end of the first",
    source: "aws/containers-roadmap#2831, crashappsec/chalk#682",
  },
  "minimum-part": {
    departure: "all chunks but the last must have at least 5 MiB, and there may be 4,200 of them",
    source: "dotnet/sdk-container-builds#424; ECR service quotas",
  },
  "whole-parts": {
    departure: "a chunk that breaks off leaves nothing behind: parts are stored whole or not at all",
    source: "ECR API UploadLayerPart; InvalidLayerPartException.lastValidByteReceived",
  },
  "restart-416": {
    departure: "a chunk from byte 0 into an upload that holds bytes answers 416 BLOB_UPLOAD_INVALID",
    source: "apple/containerization#790",
  },
  "immutable-same-digest": {
    departure: "a tag that is immutable is refused even for the digest that it has already",
    source: "aws/containers-roadmap#2179, #2380",
  },
  "no-create-on-push": {
    departure: "a repository that is missing is not made by a push, unless a creation template applies",
    source: "zarf-dev/zarf#1938; ECR API RepositoryCreationTemplate.appliedFor",
  },
  "mount-rules": {
    departure:
      "blobs are mounted only with BLOB_MOUNTING on, under the same encryption, with the right on the other repository, " +
      "and when a manifest there names the blob",
    source: 'ECR user guide "Blob mounting"; aws/containers-roadmap#2860',
  },
  "tag-grammar-400": {
    departure: "HEAD of a tag outside the grammar answers 400 instead of 404",
    source: "bazel-contrib/rules_oci#720",
  },
  "get-without-digest": {
    departure: "GET of a manifest carries no Docker-Content-Digest, HEAD does",
    source: "oras-project/oras-go#1212, aws/containers-roadmap#1931",
  },
  "converts-by-accept": {
    departure: "GET of a tag whose media type is not accepted converts the manifest, and so its digest",
    source: 'ECR user guide "Container image manifest format support"',
  },
  "missing-children-refused": {
    departure: "an index is refused while a child of it is missing",
    source: "estesp/manifest-tool#191, int128/docker-manifest-create-action#63",
    strict: true,
  },
  "missing-blobs-refused": {
    departure: "a manifest is refused while a blob of it is missing",
    source: "awslabs/amazon-ecr-containerd-resolver#13",
    strict: true,
  },
  "oci-subject-always": {
    departure: "OCI-Subject is answered even where the referrers API is not there",
    source: "sigstore/sigstore-js#1183",
  },
  "page-limit": {
    departure: "n above 1000 is refused on lists",
    source: "google/go-containerregistry#1091",
  },
  "opaque-page-token": {
    departure: "pages go on by an opaque token with characters that need escaping, not by the last name",
    source: "regclient/regclient#931",
  },
  "unreferenced-blob-inaccessible": {
    departure: "a blob that no manifest names can be asked for, not fetched",
    source: "ECR API GetDownloadUrlForLayer, LayerInaccessibleException",
  },
  "archived-not-pullable": {
    departure: "an archived image cannot be pulled before it is restored",
    source: "ECR API ImageStatus, ImageArchivedException",
  },
  "unknown-manifest-405": {
    departure: "a document that ECR does not know as a manifest answers 405 UNSUPPORTED",
    source: "containers/image#584, moby/buildkit#5747",
  },
  "layerless-image-405": {
    departure: "an image manifest without layers answers 405 UNSUPPORTED",
    source: "werf/werf#2558, aws/containers-roadmap#876",
  },
  "missing-blobs-code": {
    departure:
      "a manifest whose blobs are missing answers BLOB_UPLOAD_UNKNOWN instead of MANIFEST_BLOB_UNKNOWN",
    source: "oras-project/oras-py#54",
  },
  "no-blob-delete": {
    departure: "blobs cannot be deleted: only images can",
    source: "ECR API: no action deletes a layer",
  },
} as const satisfies Readonly<Record<string, QuirkRow>>;

export type QuirkName = keyof typeof quirks;

/** The departures that are on: the mode's, then `blobRedirect`, then what `quirks` says of single ones. */
export function activeQuirks(options: EmulatorOptions): ReadonlySet<QuirkName> {
  const names = Object.keys(quirks).filter((name): name is QuirkName => name in quirks);
  const overrides = {
    ...(options.blobRedirect !== undefined && { "blob-redirect": options.blobRedirect }),
    ...options.quirks,
  };
  return new Set(
    names.filter((name) => {
      const row: QuirkRow = quirks[name];
      return overrides[name] ?? (options.mode !== "strict" || row.strict === true);
    }),
  );
}
