import { PromoterError } from "../../error.ts";
import type { ChartValues } from "../chart-values.ts";
import { writtenRoutes } from "./routed-prefixes.ts";

/**
 * Refuses values with which a service could only fail, as the chart does.
 *
 * @throws {PromoterError} `InvalidConfiguration` when nobody said whence images come, or no namespace is known.
 */
export function checkServices(values: ChartValues, { namespace }: { readonly namespace?: string }): void {
  const { enabled, serve } = values;
  if (!enabled || !serve.enabled) return;
  if (writtenRoutes(values).length === 0) {
    throw new PromoterError(
      "InvalidConfiguration",
      "serve.enabled is set, but nobody said where images come from and go to",
      { hint: "Set the values source and destination, or routes" },
    );
  }
  if (namespace === undefined) {
    throw new PromoterError(
      "InvalidConfiguration",
      "serve.enabled is set, but no namespace is named: the API server has to know where it is",
      { hint: "Add --namespace image-promoter" },
    );
  }
}
