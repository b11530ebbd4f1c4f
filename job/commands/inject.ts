import type { Settings } from "../config/settings.ts";
import { formatOrigin, type ImageRequest, uniqueRequests } from "../images/image-request.ts";
import { formatReference } from "../oci/reference.ts";
import { wantedImages } from "../promotion/wanted.ts";
import { chartValues } from "../render/chart-values.ts";
import { injectJob } from "../render/inject.ts";
import { routesOfValues } from "../render/values-routes.ts";
import type { Runtime } from "../runtime.ts";
import { buildManifests } from "./build-manifests.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { type JobRelease, jobRelease, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { asPluginInput } from "./plugin-input.ts";
import { readText, wantedRoutes } from "./read-images.ts";

/** `inject`: manifests in, the same manifests and one Job for their images out. */
export async function inject(given: CommandInput, { runtime: outer }: CommandContext): Promise<number> {
  const { input, runtime } = await asPluginInput(given, outer);
  const settings = await loadSettings(input, runtime);
  const values = await jobValues(input.flags, settings, runtime);
  const routes = wantedRoutes({
    ...settings,
    routes: settings.routes.length > 0 ? settings.routes : routesOfValues(chartValues(values)),
  });
  const release = jobRelease(input.flags, runtime.env);
  const manifests = await readManifests(input, { settings, release, runtime });
  const { text } = injectJob(manifests.text, {
    source: manifests.source,
    select: (requests) => selectImages(requests, { routes, strict: settings.strict, runtime }),
    imagePaths: settings.imagePaths,
    values,
    rbac: input.flags.rbac === true,
    ...release,
  });
  runtime.stdout.write(text);
  return exitCodes.done;
}

interface Reading {
  readonly settings: Settings;
  readonly release: JobRelease;
  readonly runtime: Runtime;
}

/** Manifests of a file, of standard input, or of what builds a folder. */
async function readManifests({ flags }: CommandInput, { settings, release, runtime }: Reading) {
  if (typeof flags.build === "string") {
    return { source: flags.build, text: await buildManifests(flags.build, release, runtime) };
  }
  const [source = "-"] = settings.filenames;
  return { source, text: await readText(source, runtime) };
}

interface Selecting {
  readonly routes: Settings["routes"];
  readonly strict: boolean;
  readonly runtime: Runtime;
}

/** The images that a route leads to; what is to be said of the others goes to standard error. */
function selectImages(
  requests: readonly ImageRequest[],
  { routes, strict, runtime }: Selecting,
): readonly string[] {
  const wishes = uniqueRequests(requests).map(({ reference, origin }) => ({
    reference,
    origin: formatOrigin(origin),
  }));
  const images = wantedImages(wishes, routes, { strict });
  for (const { destination, origin, warning } of images) {
    if (warning !== undefined)
      runtime.stderr.write(`warning: ${formatReference(destination)}: ${warning} (${origin})\n`);
  }
  return images.flatMap(({ destination, sources }) =>
    sources === undefined ? [] : [formatReference(destination)],
  );
}
