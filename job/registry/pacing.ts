import type { Waiting } from "../oci/content.ts";

/** The kinds of request that registries count apart. */
export type RequestKind =
  | "manifest-read"
  | "manifest-write"
  | "blob-check"
  | "blob-read"
  | "upload-start"
  | "upload-part"
  | "upload-finish"
  | "list";

/** Holds requests back, so that a registry's limits are met before the registry has to say so. */
export interface Pacer {
  /** Resolves when a request of this kind may be sent. */
  admit(kind: RequestKind, options?: Waiting): Promise<void>;
  /** The registry answered 429 to a request of this kind, with the milliseconds of its `Retry-After`, if it gave any. */
  throttled(kind: RequestKind, retryAfterMs?: number): void;
}
