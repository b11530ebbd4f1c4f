import type { ContentReader, ContentWriter } from "../oci/content.ts";
import type { Reference } from "../oci/reference.ts";

/** Opens the repositories of a promotion; asks nothing yet. The same destination gives the same repository. */
export interface Repositories {
  source(reference: Reference): ContentReader;
  destination(reference: Reference): ContentWriter;
}
