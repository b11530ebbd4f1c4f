import type { ChartValues } from "../chart-values.ts";
import { registryOf } from "../job-settings.ts";

/** A route as promoter.yaml has it. */
export interface WrittenRoute {
  readonly to: string;
  readonly from: readonly string[];
}

/** The routes of values, in whichever way they are written; none where they name none. */
export function writtenRoutes({ source, destination, routes }: ChartValues): readonly WrittenRoute[] {
  if (routes.length > 0) return routes.map(({ to, from }) => ({ to, from: [from].flat() }));
  const [from, to] = [registryOf(source), registryOf(destination)];
  return from === "" || to === "" ? [] : [{ to, from: from.split(",") }];
}

/**
 * What the names of routed images begin with, as manifests write them, by either end. None where every image matters,
 * or where a name may be written without its beginning, as those of Docker Hub may.
 */
export function routedPrefixes(values: ChartValues): readonly string[] {
  const ends = writtenRoutes(values).flatMap(({ to, from }) => [to, ...from]);
  const prefixes = [...new Set(ends.map((end) => `${end}/`))];
  const anyCounts = values.strict || prefixes.some((prefix) => prefix.startsWith("docker.io/"));
  return anyCounts ? [] : prefixes;
}
