import type { Waiting } from "../oci/content.ts";
import { mediaTypes } from "../oci/media-type.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { cancelUpload, startUpload } from "./upload-session.ts";

/** `{}`, which every registry knows: it is named and never sent. */
const emptyBlob = {
  mediaType: mediaTypes.empty,
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  size: 2,
} as const;

/**
 * Opens an upload and cancels it: proves that content may be pushed, and leaves none.
 *
 * @throws {PromoterError} what the registry says against it: `Denied`, `NameUnknown`, `Unauthorized`.
 */
export async function tryUpload(access: RepositoryAccess, options: Waiting = {}): Promise<void> {
  const session = await startUpload(access, emptyBlob, options);
  if (session !== "mounted") await cancelUpload(access, session);
}
