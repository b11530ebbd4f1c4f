import { PromoterError } from "../../error.ts";
import type { ChartValues } from "../chart-values.ts";
import { writtenRoutes } from "./routed-prefixes.ts";

/**
 * Refuses values with which a service could only fail, as the chart does.
 *
 * @throws {PromoterError} `InvalidConfiguration` when nobody said whence images come, or no namespace is known.
 */
export function checkServices(values: ChartValues, { namespace }: { readonly namespace?: string }): void {
  const { enabled, serve, update } = values;
  if (!enabled) return;
  if (serve.enabled && writtenRoutes(values).length === 0) {
    throw new PromoterError(
      "InvalidConfiguration",
      "serve.enabled is set, but nobody said where images come from and go to",
      { hint: "Set the values source and destination, or routes" },
    );
  }
  const ofCluster = serve.enabled || (update.enabled && update.clusterApplications && update.rbac.create);
  if (ofCluster && namespace === undefined) {
    throw new PromoterError(
      "InvalidConfiguration",
      `${serve.enabled ? "serve.enabled" : "update.clusterApplications"} is set, but no namespace is named: what belongs to the whole cluster has to say where the service is`,
      { hint: "Add --namespace image-promoter" },
    );
  }
}
