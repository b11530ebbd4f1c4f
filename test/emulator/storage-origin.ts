import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isDigest } from "../../job/oci/digest.ts";
import { secret } from "../secrets/ledger.ts";
import { blobReply } from "./blob-reply.ts";
import { type Reply, textReply } from "./reply.ts";
import type { Store } from "./store.ts";

export interface StoredObject {
  readonly accountId: string;
  readonly region: string;
  readonly repository: string;
  readonly digest: string;
}

export interface StorageOriginOptions {
  readonly store: Store;
  /** Milliseconds. */
  readonly urlLifetimeMs: number;
}

/**
 * What S3 is to ECR: an origin of its own, where blobs are had by presigned address and by nothing else.
 * {@link https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html}
 */
export class StorageOrigin {
  readonly #store: Store;
  readonly #urlLifetimeMs: number;
  readonly #secret = randomBytes(32);
  #url = "";

  constructor(options: StorageOriginOptions) {
    this.#store = options.store;
    this.#urlLifetimeMs = options.urlLifetimeMs;
  }

  /** `http://127.0.0.1:<port>` once it listens. */
  get url(): string {
    return this.#url;
  }

  listensAt(url: string): void {
    this.#url = url;
  }

  /** An address that is good for one blob and for a while. */
  presign({ accountId, region, repository, digest }: StoredObject): string {
    const date = new Date(this.#store.clock.now()).toISOString().replace(/[-:]|\.[0-9]{3}/g, "");
    const url = new URL(
      `/prod-${region}-starport-layer-bucket/${accountId}/${repository}/${digest}`,
      this.#url,
    );
    url.searchParams.set("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    url.searchParams.set("X-Amz-Credential", `AKIDSTORAGE/${date.slice(0, 8)}/${region}/s3/aws4_request`);
    url.searchParams.set("X-Amz-Date", date);
    url.searchParams.set("X-Amz-Expires", String(Math.floor(this.#urlLifetimeMs / 1000)));
    url.searchParams.set("X-Amz-SignedHeaders", "host");
    url.searchParams.set("X-Amz-Signature", secret(this.#sign(url)));
    return url.href;
  }

  /** Answers as S3 does, errors in XML included. */
  answer(method: string, url: URL, headers: IncomingHttpHeaders): Reply {
    if (headers.authorization !== undefined) {
      return xmlError(
        400,
        "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter " +
          "or the Authorization header should be specified",
      );
    }
    const refusal = this.#refuse(url);
    if (refusal !== undefined) return refusal;
    if (method !== "GET" && method !== "HEAD") {
      return xmlError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
    const [, , accountId = "", ...rest] = decodeURIComponent(url.pathname).split("/");
    const digest = rest.pop() ?? "";
    const region = /^\/prod-(.+)-starport-layer-bucket\//.exec(url.pathname)?.[1] ?? "";
    const repository = this.#store.findRepository(accountId, region, rest.join("/"));
    const blob = isDigest(digest) ? repository?.blobs.get(digest) : undefined;
    if (blob === undefined) return xmlError(404, "NoSuchKey", "The specified key does not exist.");
    return blobReply(blob, headers.range, { etag: `"${blob.digest.slice(-32)}"`, server: "AmazonS3" });
  }

  #refuse(url: URL): Reply | undefined {
    const given = url.searchParams.get("X-Amz-Signature");
    if (given === null) return xmlError(403, "AccessDenied", "Access Denied");
    const unsigned = new URL(url);
    unsigned.searchParams.delete("X-Amz-Signature");
    const expected = this.#sign(unsigned);
    if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected))) {
      return xmlError(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided.",
      );
    }
    const stamp = url.searchParams.get("X-Amz-Date") ?? "";
    const signedAt = Date.parse(stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
    const expiresAt = signedAt + Number(url.searchParams.get("X-Amz-Expires")) * 1000;
    return this.#store.clock.now() < expiresAt
      ? undefined
      : xmlError(403, "AccessDenied", "Request has expired");
  }

  #sign(url: URL): string {
    return createHmac("sha256", this.#secret).update(`${url.pathname}?${url.searchParams}`).digest("hex");
  }
}

function xmlError(status: number, code: string, message: string): Reply {
  const text =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>` +
    "<RequestId>EMULATOR</RequestId></Error>";
  return textReply(status, text, { "content-type": "application/xml", server: "AmazonS3" });
}
