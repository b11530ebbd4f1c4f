import { PromoterError } from "../error.ts";
import { choice, defaulted, list } from "./setting-forms.ts";
import { asText, parseBoolean } from "./setting-values.ts";
import { besideFile } from "./text-or-file.ts";

/** The settings of `status`: what says which images an environment is to run, and which it runs. */
export const statusSettings = {
  manifests: list({
    flag: "--manifests <name=path>",
    variable: "PROMOTER_MANIFESTS",
    description:
      "what an environment is to run, NAME=PATH: the folder of an overlay or a chart, or a file of manifests",
    path: "environments.NAME.manifests",
    fromFile: ({ environments = {}, source }) =>
      Object.entries(environments).flatMap(([environment, { manifests }]) =>
        manifests === undefined ? [] : [{ environment, path: besideFile(source, manifests) }],
      ),
    parse: parseEnvironmentPath,
  }),
  cluster: list({
    flag: "--cluster <name=kubeconfig>",
    variable: "PROMOTER_CLUSTER",
    description:
      "what an environment runs, NAME=KUBECONFIG; NAME alone: in the cluster that KUBECONFIG names, or that this runs in",
    parse: parseEnvironmentCluster,
  }),
  all: defaulted({
    flag: "--all",
    variable: "PROMOTER_ALL",
    description: "also what registries hold, and neither manifests nor clusters name",
    parse: parseBoolean,
    default: false,
  }),
  publicKey: list({
    flag: "--key <key>",
    variable: "PROMOTER_PUBLIC_KEY",
    description: "public key that signs what is told of promotions: file, or awskms:///ARN",
    parse: asText,
  }),
  output: choice({
    flag: "-o, --output <format>",
    variable: "PROMOTER_OUTPUT",
    description: "format of the result; html: one page that needs nothing else",
    choices: ["text", "json", "yaml", "markdown", "html"],
    default: "text",
  }),
} as const;

/** Something of one environment that is named by a path. */
export interface EnvironmentPath {
  readonly environment: string;
  readonly path: string;
}

/** The cluster of an environment; without a path the one that this process finds by itself. */
export interface EnvironmentCluster {
  readonly environment: string;
  readonly path?: string;
}

function parseEnvironmentPath(text: string): EnvironmentPath {
  const { environment, path = "" } = parseEnvironmentCluster(text);
  if (path !== "") return { environment, path };
  throw new PromoterError("Usage", `${JSON.stringify(text.slice(0, 300))} has no path behind its name`, {
    hint: "Write NAME=PATH: production=overlays/production",
  });
}

/** Which environments there are is not known yet. */
function parseEnvironmentCluster(text: string): EnvironmentCluster {
  const equals = text.indexOf("=");
  if (equals < 0) return { environment: text };
  return { environment: text.slice(0, equals), path: text.slice(equals + 1) };
}
