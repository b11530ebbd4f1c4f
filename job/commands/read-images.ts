import type { Settings } from "../config/settings.ts";
import { PromoterError } from "../error.ts";
import { imagesInList } from "../images/image-list.ts";
import { formatOrigin, type ImageRequest, uniqueRequests } from "../images/image-request.ts";
import { createLogger } from "../logger.ts";
import type { WantedImage } from "../promotion/image.ts";
import { checkRoutes } from "../promotion/route.ts";
import { wantedImages } from "../promotion/wanted.ts";
import { wantsColor } from "../report/color.ts";
import type { Runtime } from "../runtime.ts";

/**
 * The images that the command is about, from wherever they are named, each with where it may come from.
 *
 * @throws {PromoterError} one of the codes for wrong usage, before anything is asked of a registry.
 */
export async function readWantedImages(
  settings: Settings,
  runtime: Runtime,
): Promise<readonly WantedImage[]> {
  const { filenames, imagesFiles, images } = settings;
  const routes = wantedRoutes(settings);
  if (images.length + filenames.length + imagesFiles.length === 0) {
    throw new PromoterError("Usage", "Nobody said which images are wanted", {
      hint: "Name images, or give -f MANIFESTS, --images-file FILE or PROMOTER_IMAGES",
    });
  }
  const requests = [...images];
  for (const file of imagesFiles) requests.push(...imagesInList(await readText(file, runtime), file));
  for (const file of filenames) requests.push(...(await readManifests(file, settings, runtime)));
  const wishes = uniqueRequests(requests).map(({ reference, origin }) => ({
    reference,
    origin: formatOrigin(origin),
  }));
  return wantedImages(wishes, routes, { strict: settings.strict });
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
  const { imagesInManifests } = await import("../images/kubernetes-manifests.ts");
  const log = createLogger({
    output: runtime.stderr,
    level: settings.logLevel,
    format: settings.logFormat,
    clock: runtime.clock,
    color: wantsColor(runtime.env, runtime.stderr.isTerminal),
  });
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
