import { PromoterError } from "../error.ts";
import { renderChart } from "../render/chart.ts";
import { layOver } from "../render/coalesce.ts";
import { renderManifests } from "../render/manifests.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { jobRelease, jobRoutes, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { readImageRequests } from "./read-images.ts";
import { selectImages } from "./select-images.ts";
import { settingsLogger } from "./settings-logger.ts";
import { writeRendered } from "./write-rendered.ts";

/** `render chart`: the Helm chart, as files. */
export async function renderChartFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  if (input.flags.outputDir === undefined) {
    throw new PromoterError("Usage", "A chart is files, and no folder for them is named", {
      hint: "Add --output-dir FOLDER",
    });
  }
  return writeRendered(renderChart(), input, runtime);
}

/** `render manifests`: the objects that the chart would install. */
export async function renderManifestFiles(input: CommandInput, { runtime }: CommandContext): Promise<number> {
  const settings = await loadSettings(input, runtime);
  const values = await jobValues(input.flags, settings, runtime);
  const requests = await readImageRequests(settings, runtime);
  const log = settingsLogger(settings, runtime);
  const routes = jobRoutes(settings, values);
  const selected = selectImages(requests, { routes, strict: settings.strict, log });
  const written = Array.isArray(values.images) ? values.images : [];
  const files = renderManifests(
    layOver(values, { images: [...written, ...selected] }),
    jobRelease(input.flags, runtime.env),
  );
  if (files.length === 0) log.warn({}, "There is nothing to write: no route leads to an image");
  await log.flush();
  return writeRendered(files, input, runtime);
}
