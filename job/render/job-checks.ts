import { PromoterError } from "../error.ts";
import { parseReference } from "../oci/reference.ts";
import type { ChartValues } from "./chart-values.ts";
import { promotedImages, registryOf } from "./job-settings.ts";

/**
 * Refuses values with which a Job could only fail, as the chart does.
 *
 * @throws {PromoterError} `InvalidReference` for an image that is none; `InvalidConfiguration` when nobody said whence
 * images come.
 */
export function checkJob(values: ChartValues): void {
  const images = promotedImages(values);
  if (images === "") return;
  for (const image of images.split("\n")) checkImage(image);
  const from = registryOf(values.source);
  const to = registryOf(values.destination);
  const elsewhere = values.routes.length + values.extraEnv.length + values.extraEnvFrom.length > 0;
  if ((from === "") !== (to === "")) {
    throw new PromoterError("InvalidConfiguration", "source and destination belong together", {
      hint: `Set the value ${from === "" ? "source" : "destination"} too`,
    });
  }
  if (from !== "" && values.routes.length > 0) {
    throw new PromoterError("InvalidConfiguration", "routes stand instead of source and destination", {
      hint: "Write source and destination as one more of the routes",
    });
  }
  if (from === "" && !elsewhere) {
    throw new PromoterError(
      "InvalidConfiguration",
      "There are images, but nobody said where they come from and go to",
      { hint: "Set the values source and destination, or routes" },
    );
  }
}

function checkImage(image: string): void {
  if (image.includes("{{")) {
    throw new PromoterError("InvalidReference", `The image ${JSON.stringify(image)} is a template of Helm`, {
      hint: "Write the image itself: only the chart fills templates in",
    });
  }
  parseReference(image);
}
