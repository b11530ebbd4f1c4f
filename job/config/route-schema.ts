import * as z from "zod";
import { parsedText } from "./parsed-text.ts";
import { parseRegistryPrefix } from "./route-flag.ts";

const registryPrefix = parsedText(parseRegistryPrefix);

/** One destination, and where its images come from. */
export const routeSchema = z.strictObject({
  to: registryPrefix.describe("HOST[/PREFIX] of the images that the manifests name"),
  from: z
    .union([registryPrefix, z.array(registryPrefix).min(1)])
    .describe("HOST[/PREFIX] to copy them from; of several, the first that has the image"),
});
