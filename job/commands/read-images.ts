import type { Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { imagesInList } from "../images/image-list.ts";
import { formatOrigin, type ImageRequest, uniqueRequests } from "../images/image-request.ts";
import type { WantedImage } from "../promotion/image.ts";
import { checkRoutes } from "../promotion/route.ts";
import { wantedImages } from "../promotion/wanted.ts";
import type { Runtime } from "../runtime.ts";
import { settingsLogger } from "./settings-logger.ts";

/**
 * The images that the command is about, from wherever they are named, each with where it may come from.
 *
 * @throws {PromoterError} one of the codes for wrong usage, before anything is asked of a registry.
 */
export async function readWantedImages(
  settings: Settings,
  runtime: Runtime,
): Promise<readonly WantedImage[]> {
  const routes = wantedRoutes(settings);
  if (settings.images.length + settings.filenames.length + settings.imagesFiles.length === 0) {
    throw new PromoterError("Usage", "Nobody said which images are wanted", {
      hint: "Name images, or give -f MANIFESTS, --images-file FILE or PROMOTER_IMAGES",
    });
  }
  const requests = await readImageRequests(settings, runtime);
  const wishes = uniqueRequests(requests).map(({ reference, origin }) => ({
    reference,
    origin: formatOrigin(origin),
  }));
  return wantedImages(wishes, routes, { strict: settings.strict });
}

/**
 * The images that are named one by one, in lists and in manifests, in this order; none when nobody names any.
 *
 * @throws {PromoterError} `Usage` or `InvalidInput` when a file cannot be read.
 */
export async function readImageRequests(
  settings: Settings,
  runtime: Runtime,
): Promise<readonly ImageRequest[]> {
  const { filenames, imagesFiles, images } = settings;
  checkStandardInput([...filenames, ...imagesFiles]);
  const requests = [...images];
  for (const file of imagesFiles) requests.push(...imagesInList(await readText(file, runtime), file));
  for (const file of filenames) requests.push(...(await readManifests(file, settings, runtime)));
  return requests;
}

/** @throws {PromoterError} `Usage`: what was read once is gone, and the second reader would find nothing. */
function checkStandardInput(files: readonly string[]): void {
  if (files.filter((file) => file === "-").length < 2) return;
  throw new PromoterError("Usage", "Standard input can be read once only", {
    hint: "Give - to one of -f and --images-file, and files to the others",
  });
}

/** The routes, of which there has to be one. @throws {PromoterError} `Usage` or `InvalidConfiguration`. */
export function wantedRoutes(
  settings: Pick<Settings, "routes" | "environment" | "environments">,
): Settings["routes"] {
  if (settings.routes.length === 0) throw withoutRoutes(settings);
  checkRoutes(settings.routes);
  return settings.routes;
}

function withoutRoutes({
  environment,
  environments,
}: Pick<Settings, "environment" | "environments">): PromoterError {
  const names = environments.filter(({ promotesFrom }) => promotesFrom.length > 0).map(({ name }) => name);
  if (environment !== undefined) {
    return new PromoterError("Usage", `The environment ${environment.name} promotes from no other`, {
      hint: `Name in its promotesFrom where its images come from${names.length > 0 ? `, or give another --environment: ${names.join(", ")}` : ""}`,
    });
  }
  if (names.length > 0) {
    return new PromoterError("Usage", "Nobody said which environment to promote into", {
      hint: `Give --environment (PROMOTER_ENVIRONMENT): ${names.join(", ")}`,
    });
  }
  return new PromoterError("Usage", "Nobody said where images come from and where they go to", {
    hint: "Give --from and --to (PROMOTER_FROM, PROMOTER_TO), or environments or routes in a --config file",
  });
}

/** YAML is read only where there is some: its parser is not needed for images that are named one by one. */
async function readManifests(
  file: string,
  settings: Settings,
  runtime: Runtime,
): Promise<readonly ImageRequest[]> {
  const text = await readText(file, runtime);
  if (!hasObjects(text)) throw withoutObjects(file);
  const { imagesInManifests } = await import("../images/kubernetes-manifests.ts");
  const log = settingsLogger(settings, runtime);
  const requests = imagesInManifests(text, file, {
    paths: settings.imagePaths,
    onExpression: (expression, origin) =>
      log.warn(
        { image: expression, origin: formatOrigin(origin), hint: expressionHint },
        "Cannot promote an image that is known only when its workflow runs",
      ),
  });
  await log.flush();
  return requests;
}

/** False for a text of nothing but blank lines, comments and separators. */
function hasObjects(text: string): boolean {
  return /^(?![^\S\n]*(?:#|---|$))/m.test(text.replace(/^\uFEFF/, ""));
}

/** Whatever should have printed them has failed, and a pipe does not tell. */
function withoutObjects(file: string): PromoterError {
  const where = file === "-" ? "standard input" : file;
  return new PromoterError("InvalidInput", `There is no Kubernetes object in ${where}`, {
    hint: "See that what renders the manifests succeeds; in a shell, set -o pipefail lets a pipe fail with it",
  });
}

const expressionHint = "Name the images that it may stand for as arguments, or in --images-file";

/** A file, or standard input for `-`. */
export async function readText(file: string, runtime: Runtime): Promise<string> {
  try {
    return file === "-" ? await runtime.readInput() : await runtime.readFile(file);
  } catch (cause) {
    if (cause instanceof PromoterError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PromoterError("Usage", `Cannot read ${file === "-" ? "standard input" : file}: ${reason}`, {
      cause,
      hint: "Check the name of the file, and that it may be read",
    });
  }
}
