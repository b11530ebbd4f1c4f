import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../job/error.ts";
import type { RequestKind } from "../../job/registry/pacing.ts";
import { type RequestContext, responseError } from "../../job/registry/response-error.ts";

function context(kind: RequestKind = "manifest-read"): RequestContext {
  return {
    kind,
    method: "GET",
    url: new URL("https://r.example/v2/team/app/manifests/v1?X-Amz-Signature=secret"),
    doing: "pull manifest v1",
    host: "r.example",
    repository: "team/app",
  };
}

const said = (code: string, message = "") => JSON.stringify({ errors: [{ code, message }] });
const expired = "Your authorization token has expired. Reauthenticate and try again.";
const immutable =
  "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.";

type Row = [status: number, body: string, kind: RequestKind, code: ErrorCode, temporary: boolean];

const rows: Row[] = [
  [400, said("NAME_INVALID"), "manifest-read", "NameInvalid", false],
  [400, said("DIGEST_INVALID"), "upload-finish", "DigestInvalid", false],
  [400, said("MANIFEST_BLOB_UNKNOWN"), "manifest-write", "ManifestBlobUnknown", false],
  [404, said("MANIFEST_BLOB_UNKNOWN"), "manifest-write", "ManifestBlobUnknown", false],
  [404, said("BLOB_UNKNOWN"), "manifest-write", "ManifestBlobUnknown", false],
  [400, said("BLOB_UPLOAD_UNKNOWN"), "manifest-write", "ManifestBlobUnknown", false],
  [400, said("MANIFEST_INVALID"), "manifest-write", "ManifestInvalid", false],
  [400, said("SIZE_INVALID"), "upload-finish", "SizeInvalid", false],
  [400, said("TAG_INVALID", immutable), "manifest-write", "TagImmutable", false],
  [400, said("TAG_INVALID", "bad tag"), "manifest-write", "TagInvalid", false],
  [400, said("TAG_INVALID", immutable), "manifest-read", "TagInvalid", false],
  [400, said("MANIFEST_INVALID", "immutable is no field"), "manifest-write", "ManifestInvalid", false],
  [409, said("CONFLICT", "tag is immutable"), "manifest-write", "TagImmutable", false],
  [412, said("PRECONDITION", "'v1' configured as immutable"), "manifest-write", "TagImmutable", false],
  [405, said("UNSUPPORTED", "the tag cannot be overwritten"), "manifest-write", "TagImmutable", false],
  [401, said("UNAUTHORIZED"), "manifest-read", "Unauthorized", false],
  [401, "", "manifest-read", "Unauthorized", false],
  [403, "", "manifest-write", "Denied", false],
  [403, said("DENIED", "not authorized to perform ecr:PutImage"), "manifest-write", "Denied", false],
  [403, said("DENIED", expired), "blob-check", "TokenExpired", false],
  [400, said("DENIED", expired), "blob-check", "TokenExpired", false],
  [401, said("UNAUTHORIZED", "token expired"), "blob-check", "TokenExpired", false],
  [404, said("NAME_UNKNOWN"), "manifest-read", "NameUnknown", false],
  [404, said("MANIFEST_UNKNOWN"), "manifest-read", "ManifestUnknown", false],
  [404, said("UNKNOWN", "The image is archived"), "manifest-read", "ImageArchived", false],
  [404, "", "manifest-read", "ManifestUnknown", false],
  [404, "<html>", "blob-read", "BlobUnknown", false],
  [404, "404 page not found", "list", "NameUnknown", false],
  [404, "", "upload-start", "NameUnknown", false],
  [404, said("BLOB_UPLOAD_UNKNOWN"), "upload-finish", "BlobUploadUnknown", false],
  [404, "", "upload-part", "BlobUploadUnknown", false],
  [405, said("UNSUPPORTED", "Invalid JSON syntax"), "manifest-write", "Unsupported", false],
  [405, "", "manifest-write", "Unsupported", false],
  [408, "", "manifest-read", "Timeout", true],
  [413, "<html><title>413</title>", "upload-finish", "SizeInvalid", false],
  [416, said("BLOB_UPLOAD_INVALID"), "upload-part", "BlobUploadInvalid", false],
  [416, "", "upload-part", "RangeInvalid", false],
  [418, "", "manifest-read", "InvalidResponse", false],
  [429, said("TOOMANYREQUESTS", "Rate exceeded"), "manifest-write", "TooManyRequests", true],
  [429, "", "manifest-read", "TooManyRequests", true],
  [500, said("UNKNOWN", "unknown error"), "manifest-read", "Unavailable", true],
  [501, "", "manifest-read", "Unavailable", false],
  [502, "<html><title>502 Bad Gateway</title></html>", "manifest-read", "Unavailable", true],
  [503, '{"message":"down"}', "manifest-read", "Unavailable", true],
  [504, "", "upload-finish", "Unavailable", true],
  [302, "", "upload-start", "InvalidResponse", false],
];

describe("responseError", () => {
  it.each(rows)("%i %j for %s is %s", (status, text, kind, code, temporary) => {
    const error = responseError(context(kind), { status, text });
    expect(error).toMatchObject({ code, temporary, status });
    expect(error.hint).toMatch(/^[A-Z].*[^.]$/);
  });

  it("names what was done where, and what the registry said, and no secret", () => {
    const error = responseError(context(), { status: 404, text: said("NAME_UNKNOWN", "no\u001b[31m such") });
    expect(error.message).toBe(
      "Cannot pull manifest v1 at r.example/team/app: NAME_UNKNOWN: no\\u{1b}[31m such",
    );
    expect(error.request).toBe("GET https://r.example/v2/team/app/manifests/v1?X-Amz-Signature=REDACTED");
    expect(responseError(context(), { status: 503, text: "" }).message).toBe(
      "Cannot pull manifest v1 at r.example/team/app: the answer was 503",
    );
  });

  it("takes the hints of those who know the kind of registry", () => {
    const hints = {
      describeDenied: (kind: string, repository: string) => `Grant ${kind} on ${repository}`,
      describeMissingRepository: (repository: string) => `Make ${repository}`,
    };
    expect(responseError(context(), { status: 403, text: "" }, hints).hint).toBe(
      "Grant manifest-read on team/app",
    );
    expect(responseError(context("list"), { status: 404, text: "" }, hints).hint).toBe("Make team/app");
  });

  it("repeats no signed address that somebody on the way repeats", () => {
    const text = "cannot connect to https://b.s3.example/layer?X-Amz-Signature=c4n4ry";
    const error = responseError(context("blob-read"), { status: 502, text });
    expect(error.message).toContain("https://b.s3.example/layer?X-Amz-Signature=REDACTED");
  });

  it("does not take a storage's words for the registry's, and asks the registry again", () => {
    const text = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    const hints = { describeDenied: () => "Grant something" };
    const error = responseError(context("blob-read"), { status: 403, text, fromStorage: true }, hints);
    expect(error).toMatchObject({ code: "Denied", temporary: true });
    expect(error.hint).toContain("VPC endpoint");
  });
});
