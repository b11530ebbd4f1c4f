import type { Settings } from "../config/settings.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { imagesInManifests } from "../images/kubernetes-manifests.ts";
import type { Runtime } from "../runtime.ts";
import { buildManifests } from "./build-manifests.ts";
import { jobRelease } from "./job-values.ts";
import { readText } from "./read-images.ts";

/**
 * The images of a folder that kustomize or helm builds, of a file of manifests, or of standard input.
 *
 * @throws {PromoterError} `Usage` or `InvalidInput` when it cannot be read or built.
 */
export async function imagesOfPlace(
  place: string,
  { imagePaths }: Pick<Settings, "imagePaths">,
  runtime: Runtime,
): Promise<readonly ImageRequest[]> {
  const text = (await isFolder(place, runtime))
    ? await buildManifests(place, jobRelease({}, runtime.env), runtime)
    : await readText(place, runtime);
  return imagesInManifests(text, place, { paths: imagePaths });
}

async function isFolder(place: string, runtime: Runtime): Promise<boolean> {
  if (place === "-") return false;
  // What a pipe says is gone when it was read; that it is no folder shows by a file below it.
  try {
    await runtime.readFile(`${place}/.`);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EISDIR";
  }
}
