import type { Descriptor } from "../oci/descriptor.ts";
import type { IndexMember } from "./member.ts";

/** Whose media types an index has. */
export type IndexFormat = "oci" | "docker";

/** What an index says beside its members. */
export interface IndexContent {
  readonly format: IndexFormat;
  readonly members: readonly IndexMember[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}
