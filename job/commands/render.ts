import { PromoterError } from "../error.ts";
import { formatOrigin, uniqueRequests } from "../images/image-request.ts";
import { formatReference } from "../oci/reference.ts";
import { wantedImages } from "../promotion/wanted.ts";
import { renderChart } from "../render/chart.ts";
import { type ChartValues, chartValues } from "../render/chart-values.ts";
import { layOver } from "../render/coalesce.ts";
import { renderManifests } from "../render/manifests.ts";
import { parseAssignment } from "../render/value-assignment.ts";
import { routesOfValues } from "../render/values-routes.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { jobRelease, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { readImageRequests } from "./read-images.ts";
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
  const assigned = [input.flags.set ?? []].flat().map((text) => parseAssignment(String(text)));
  const given = assigned.reduce(layOver, await jobValues(input.flags, settings, runtime));
  const values = chartValues(given);
  const requests = uniqueRequests(await readImageRequests(settings, runtime));
  const wishes = requests.map(({ reference, origin }) => ({ reference, origin: formatOrigin(origin) }));
  const routes = settings.routes.length > 0 ? settings.routes : routesOfValues(values);
  const routed = wantedImages(wishes, routes, { strict: settings.strict })
    .filter(({ sources }) => sources !== undefined)
    .map(({ destination }) => formatReference(destination));
  const files = renderManifests(withImages(values, routed), jobRelease(input.flags, runtime.env));
  if (files.length === 0) {
    runtime.stderr.write("There is nothing to write: no route leads to an image\n");
  }
  return writeRendered(files, input, runtime);
}

function withImages(values: ChartValues, images: readonly string[]): ChartValues {
  return { ...values, images: [...values.images, ...images] };
}
