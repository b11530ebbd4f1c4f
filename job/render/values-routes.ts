import { parseRegistryPrefix, parseRegistryPrefixes } from "../config/route-flag.ts";
import type { Settings } from "../config/settings.ts";
import type { ChartValues } from "./chart-values.ts";
import { registryOf } from "./job-settings.ts";

/** The routes that the chart's values name; none when they name only one end. */
export function routesOfValues({ source, destination, routes }: ChartValues): Settings["routes"] {
  if (routes.length > 0) {
    return routes.map(({ to, from }) => ({
      to: parseRegistryPrefix(to),
      from: [from].flat().map(parseRegistryPrefix),
    }));
  }
  const [from, to] = [registryOf(source), registryOf(destination)];
  return from === "" || to === "" ? [] : [{ to: parseRegistryPrefix(to), from: parseRegistryPrefixes(from) }];
}
