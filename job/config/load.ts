import type { ImageRequest } from "../images/image-request.ts";
import { parseReference } from "../oci/reference.ts";
import { checkedYaml } from "./checked-yaml.ts";
import { configurationSchema, type PromoterConfiguration } from "./schema.ts";

/**
 * Reads promoter.yaml.
 *
 * @throws {PromoterError} `InvalidConfiguration` with `source:line:column`, the line and a caret for the first five
 * things that are wrong. Values behind keys that sound secret are not shown.
 */
export function loadConfiguration(text: string, source: string): PromoterConfiguration {
  const { data, placeOf } = checkedYaml(text, source, { schema: configurationSchema, beginHint });
  const images = (data.images ?? []).map((image, index): ImageRequest => {
    const origin = { source, ...placeOf(["images", index]), field: `images[${index}]` };
    return { reference: parseReference(image), origin };
  });
  return { ...data, source, images };
}

const beginHint = "Begin with the lines\n  apiVersion: image-promoter/v1\n  kind: Promoter";
