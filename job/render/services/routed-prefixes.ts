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
 * What the names of routed images begin with, as manifests write them; none where a name may be written without its
 * beginning, as those of Docker Hub may.
 */
export function routedPrefixes(values: ChartValues): readonly string[] {
  const routes = writtenRoutes(values);
  const ends = routes.flatMap(({ to, from }) => [to, ...(asksForSources(values) ? from : [])]);
  const prefixes = [...new Set(ends.map((end) => `${end}/`))];
  return prefixes.some((prefix) => prefix.startsWith("docker.io/")) ? [] : prefixes;
}

/** Images that are named by their source concern those alone who have them named otherwise. */
function asksForSources({ serve: { sources, webhook } }: ChartValues): boolean {
  return sources || [webhook, ...(webhook.rules ?? [])].some(({ policy }) => policy === "rewrite");
}
