import type { Settings } from "../config/settings.ts";
import { formatOrigin } from "../images/image-request.ts";
import { injectJob } from "../render/inject.ts";
import type { Runtime } from "../runtime.ts";
import { buildManifests } from "./build-manifests.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { exitCodes } from "./exit-code.ts";
import { type JobRelease, jobRelease, jobRoutes, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { asPluginInput } from "./plugin-input.ts";
import { readText } from "./read-images.ts";
import { selectImages } from "./select-images.ts";
import { settingsLogger } from "./settings-logger.ts";

/** `inject`: manifests in, the same manifests and one Job for their images out. */
export async function inject(given: CommandInput, { runtime: outer }: CommandContext): Promise<number> {
  const { input, runtime } = await asPluginInput(given, outer);
  const settings = await loadSettings(input, runtime);
  const values = await jobValues(input.flags, settings, runtime);
  const routes = jobRoutes(settings, values);
  const release = jobRelease(input.flags, runtime.env);
  const manifests = await readManifests(input, { settings, release, runtime });
  const log = settingsLogger(settings, runtime);
  const { text } = injectJob(manifests.text, {
    source: manifests.source,
    select: (requests) => selectImages(requests, { routes, strict: settings.strict, log }),
    imagePaths: settings.imagePaths,
    onExpression: (image, origin) =>
      log.warn(
        { image, origin: formatOrigin(origin) },
        "Cannot promote an image that is known only when it runs",
      ),
    values,
    rbac: input.flags.rbac === true,
    ...release,
  });
  await log.flush();
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
