import * as z from "zod";
import { documented } from "./documented.ts";

/** Which of the images in a repository is run. */
export const imageVersion = {
  tag: documented(z.string(), "", "Tag of the image; the chart's appVersion where there is no digest either"),
  digest: documented(
    z.string().regex(/^(sha256:[a-f0-9]{64})?$/, "A digest is sha256: and 64 hexadecimal digits"),
    "",
    "Digest of the image",
  ),
};
