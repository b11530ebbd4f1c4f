import { version } from "../version.ts";
import type { ChartValues } from "./chart-values.ts";
import type { Fields } from "./fields.ts";
import { gateConfiguration } from "./gate-configuration.ts";
import { canonicalJson } from "./yaml-scalar.ts";

/** The images to promote, each once, one per line. */
export function promotedImages({ enabled, images, global }: ChartValues): string {
  if (!enabled) return "";
  return [...new Set([...images, ...(global?.imagePromoter?.images ?? [])])].join("\n");
}

/** `HOST[/PREFIX][,…]` of a side; empty where nothing is said. */
export function registryOf(side: ChartValues["source"]): string {
  const { account, region, prefix } = side;
  const host = side.registry || (account && `${account}.dkr.ecr.${region}.${dnsSuffixOf(region)}`);
  if (!host || !prefix) return host;
  return host
    .split(",")
    .map((one) => `${one}/${prefix}`)
    .join(",");
}

/** The names of the AWS partitions that a region's own tells; the commercial one has any other. */
export const dnsSuffixes: readonly (readonly [regionPrefix: string, suffix: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["eusc-", "amazonaws.eu"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["us-isof-", "csp.hci.ic.gov"],
];

function dnsSuffixOf(region: string): string {
  return dnsSuffixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "amazonaws.com";
}

/** The reference of image-promoter's own image. */
export function promoterImage({ image, global }: ChartValues): string {
  return imageReference(image, global?.imageRegistry);
}

/** The reference of an image of ours: of this version where it names neither tag nor digest. */
export function imageReference(
  image: Pick<ChartValues["image"], "registry" | "repository" | "tag" | "digest">,
  globalRegistry?: string,
): string {
  const registry = image.registry || globalRegistry;
  const tag = image.tag || (image.digest === "" ? version : "");
  return [
    registry && `${registry}/`,
    image.repository,
    tag && `:${tag}`,
    image.digest && `@${image.digest}`,
  ].join("");
}

/** The text of promoter.yaml for what variables cannot say: JSON, which is YAML too. Empty where nothing needs it. */
export function jobConfiguration(values: ChartValues): string {
  const configuration = commonConfiguration(values);
  return Object.keys(configuration).length === 0 ? "" : configurationText(configuration);
}

/** The fields of promoter.yaml that hold for everything that promotes. */
export function commonConfiguration(values: ChartValues): Fields {
  const { routes, registries, copy, notify } = values;
  const settings = copy.repositorySettings ?? {};
  const creation = copy.createRepositories && Object.keys(settings).length > 0;
  return {
    ...(routes.length > 0 && { routes }),
    ...(registries.length > 0 && { registries }),
    ...(creation && { copy: { createRepositories: settings } }),
    ...(notify.targets.length > 0 && { notify: notify.targets }),
    ...gateConfiguration(values),
  };
}

/** A promoter.yaml with these fields. */
export function configurationText(fields: Fields): string {
  return `${canonicalJson({ apiVersion: "image-promoter/v1", kind: "Promoter", ...fields }, 2)}\n`;
}
