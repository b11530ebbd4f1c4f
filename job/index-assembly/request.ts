import type { Reference } from "../oci/reference.ts";
import type { IndexFormat } from "./index-content.ts";
import type { MemberPlatform } from "./platform.ts";

/** An image, or an index whose members are meant. */
export interface IndexSource {
  readonly reference: Reference;
  /** What the image runs on, whatever its configuration says. */
  readonly platform?: MemberPlatform;
  /** What the image has to run on, by whoever asked for it. */
  readonly expected?: MemberPlatform;
  /** Added to those that its entry has already; the same name is replaced. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An index that somebody wants. */
export interface IndexRequest {
  /** Where it goes: with a tag, and without a digest. */
  readonly target: Reference & { readonly tag: string };
  readonly sources: readonly IndexSource[];
  /** Default OCI's, or, where an index is extended, its own. */
  readonly format?: IndexFormat;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether the members of the index that is there stay. */
  readonly append: boolean;
  /** Whether what comes later takes the place of what has the same platform. */
  readonly replace: boolean;
  /** Where it was asked for. */
  readonly origin?: string;
}
