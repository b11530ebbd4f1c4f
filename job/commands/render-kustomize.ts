import type { Settings } from "../config/settings.ts";
import { renderKustomize } from "../render/kustomize.ts";
import { type KustomizeSource, parseWorkload, sourcesInManifests } from "../render/kustomize-source.ts";
import type { Runtime } from "../runtime.ts";
import type { CommandContext, CommandInput } from "./command.ts";
import { isRoutedBy } from "./is-routed.ts";
import { jobRelease, jobRoutes, jobValues } from "./job-values.ts";
import { loadSettings } from "./load-settings.ts";
import { readText } from "./read-images.ts";
import { writeRendered } from "./write-rendered.ts";

/** `render kustomize`: what an overlay includes, with the replacements that put its images into the Job. */
export async function renderKustomizeFiles(
  input: CommandInput,
  { runtime }: CommandContext,
): Promise<number> {
  const { flags } = input;
  const settings = await loadSettings(input, runtime);
  const values = await jobValues(flags, settings, runtime);
  const routes = jobRoutes(settings, values);
  const named = [flags.workload ?? []].flat().map((text) => parseWorkload(String(text)));
  const files = renderKustomize({
    sources: [...named, ...(await writtenSources(settings, routes, runtime))],
    values,
    as: flags.as === "transformer" ? "transformer" : "replacements",
    ...jobRelease(flags, runtime.env),
  });
  return writeRendered(files, input, runtime);
}

async function writtenSources(
  { filenames, imagePaths }: Settings,
  routes: Settings["routes"],
  runtime: Runtime,
): Promise<readonly KustomizeSource[]> {
  const sources: KustomizeSource[] = [];
  for (const source of filenames) {
    const text = await readText(source, runtime);
    sources.push(...sourcesInManifests(text, { source, isRouted: isRoutedBy(routes), paths: imagePaths }));
  }
  return sources;
}
