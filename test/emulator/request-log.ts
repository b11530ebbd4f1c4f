import type { IncomingHttpHeaders } from "node:http";

/** What a request is about, whichever listener it came through. */
export type EmulatedKind =
  | "ping"
  | "catalog"
  | "manifest-head"
  | "manifest-get"
  | "manifest-put"
  | "manifest-delete"
  | "blob-head"
  | "blob-get"
  | "blob-delete"
  | "upload-start"
  | "upload-part"
  | "upload-finish"
  | "upload-status"
  | "upload-cancel"
  | "tags"
  | "referrers"
  | "ecr-api"
  | "sts"
  | "storage"
  | "unknown";

/** One request as it was answered. */
export interface LoggedRequest {
  /** Milliseconds since the epoch, by the emulator's clock. */
  readonly at: number;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly kind: EmulatedKind;
  /** 0 when the connection was ended without an answer. */
  readonly status: number;
  /** The ECR or STS action: `PutImage`, `GetAuthorizationToken`. */
  readonly action?: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** ARN of who asked. */
  readonly principal?: string;
  readonly account?: string;
  readonly region?: string;
  readonly repository?: string;
  /** Effects of the faults that were injected. */
  readonly faults: readonly string[];
}

/** The entry while its request is being answered. */
export type OpenRequest = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] } & { faults: string[] };

/** Every request in the order in which it came; an entry is final when its answer has ended. */
export class RequestLog {
  #entries: OpenRequest[] = [];

  get entries(): readonly LoggedRequest[] {
    return this.#entries;
  }

  open(entry: Pick<OpenRequest, "at" | "method" | "path" | "host" | "headers" | "kind">): OpenRequest {
    const open: OpenRequest = { ...entry, status: 0, bytesIn: 0, bytesOut: 0, faults: [] };
    this.#entries.push(open);
    return open;
  }

  clear(): void {
    this.#entries = [];
  }
}
