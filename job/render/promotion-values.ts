import * as z from "zod";
import { repositorySchema } from "../config/repository-schema.ts";
import { configurationSchema } from "../config/schema.ts";
import { documented } from "./documented.ts";

const host = String.raw`(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]+)?`;
const component = "[a-z0-9]+([._-]+[a-z0-9]+)*";
const registry = `${host}(/${component})*`;

const side = (who: string, registries: string) =>
  z
    .strictObject({
      registry: documented(
        z
          .string()
          .regex(
            new RegExp(`^(${registries})?$`),
            "A registry is written HOST or HOST/PREFIX, without https:// and without a slash at its end",
          ),
        "",
        `HOST[/PREFIX] of the registry that images ${who}; not needed beside account and region`,
      ),
      account: documented(
        z.string().regex(/^([0-9]{12})?$/, "An account is twelve digits, in quotes"),
        "",
        "AWS account of an ECR registry: twelve digits, in quotes",
      ),
      region: documented(
        z.string().regex(/^([a-z]{2,4}(-[a-z]+)+-[0-9]+)?$/, "A region is written as eu-west-1"),
        "",
        "AWS region of an ECR registry",
      ),
      prefix: documented(
        z.string().regex(new RegExp(`^(${component}(/${component})*)?$`), "A prefix is team or team/apps"),
        "",
        "Part of the registry's repositories: the beginning of their names, without slashes at its ends; of each, where registry names several",
      ),
    })
    .refine(({ account, region }) => (account === "") === (region === ""), {
      message: "account and region belong together",
    });

const { overwrite, referrers, concurrency } = configurationSchema.shape.copy.unwrap().shape;

/** What is promoted, from where to where, and how: the words of promoter.yaml. */
export const promotionValues = {
  images: documented(
    z.array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9._:/@[\]-]+$|\{\{/,
          "An image is written HOST/REPOSITORY:TAG, HOST/REPOSITORY@DIGEST",
        ),
    ),
    [],
    "Images to promote, named as the manifests name them. Without images nothing is rendered. In the chart each may be a template, such as {{.Values.global.image}}",
  ),
  source: side("come from", `${registry}(,${registry})*`).describe(
    "Where images come from. registry may name several, separated by commas: the first that has the image",
  ),
  destination: side("go to", registry).describe("Where images go to: the registry that the manifests name"),
  routes: documented(
    configurationSchema.shape.routes.unwrap(),
    [],
    "More than one way: entries of to (HOST[/PREFIX]) and from (one, or a list); instead of source and destination",
  ),
  registries: documented(
    configurationSchema.shape.registries.unwrap(),
    [],
    "How to reach registries where the defaults will not do: host, roleArn, externalId, sessionName, endpoint, insecure",
  ),
  copy: z
    .strictObject({
      overwrite: documented(overwrite.unwrap(), "mutable", describe(overwrite)),
      referrers: documented(referrers.unwrap(), "all", describe(referrers)),
      concurrency: documented(concurrency.unwrap(), 16, describe(concurrency)),
      timeout: documented(
        z.string().regex(/^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$/, "A duration is written 30m or 1h30m"),
        "",
        "Longest time for the whole promotion: 30m, 1h30m; empty for the Job's own deadline alone",
      ),
      createRepositories: documented(
        z.boolean(),
        false,
        "Whether repositories that are missing at the destination are created",
      ),
      repositorySettings: documented(
        repositorySchema.optional(),
        {},
        "Settings of the repositories that are created: imageTagMutability, exclusionFilters, scanOnPush, encryption, lifecyclePolicy, repositoryPolicy, tags",
      ),
    })
    .describe("How images are copied"),
  strict: documented(z.boolean(), false, "Whether an image that no route leads to is an error"),
  log: z
    .strictObject({
      level: documented(
        z.enum(["debug", "info", "warn", "error"]),
        "info",
        "Least important messages to log",
      ),
      format: documented(z.enum(["auto", "text", "json"]), "auto", "auto writes JSON lines in a cluster"),
    })
    .describe("What the pod writes"),
};

function describe(schema: z.ZodType): string {
  // The file's defaults are not the chart's: they stand beside the description here.
  return (schema.description ?? "").replace(/; default .*$/s, "");
}
