import { drainSetting } from "./drain-setting.ts";
import { parseDuration } from "./duration.ts";
import { parseListenAddress } from "./listen-address.ts";
import { defaulted, list, setting } from "./setting-forms.ts";
import { asText, parseBoolean, parseConcurrency } from "./setting-values.ts";

/** The settings of `update`: which applications, and how often. */
export const updateSettings = {
  applications: list({
    flag: "--applications <file>",
    variable: "PROMOTER_APPLICATIONS",
    description: "Argo CD Applications whose annotations are read, as YAML or JSON; - is standard input",
    parse: asText,
  }),
  clusterApplications: defaulted({
    flag: "--cluster-applications",
    variable: "PROMOTER_CLUSTER_APPLICATIONS",
    description: "read the Applications of the cluster, of KUBECONFIG or the one that this runs in",
    parse: parseBoolean,
    default: false,
  }),
  argocdNamespace: defaulted({
    flag: "--argocd-namespace <name>",
    variable: "PROMOTER_ARGOCD_NAMESPACE",
    description: "namespace of Argo CD itself",
    parse: asText,
    default: "argocd",
  }),
  application: list({
    flag: "--application <name>",
    variable: "PROMOTER_APPLICATION",
    description: "only applications of this name, with * for any characters; all when absent",
    parse: asText,
  }),
  every: setting({
    flag: "--every <duration>",
    variable: "PROMOTER_EVERY",
    description: "look again after this time, until stopped: 2m",
    parse: parseDuration,
  }),
  atOnce: defaulted({
    flag: "--at-once <number>",
    variable: "PROMOTER_AT_ONCE",
    description: "branches of git repositories that are worked on at the same time",
    parse: parseConcurrency,
    default: 10,
  }),
  health: setting({
    flag: "--health <address>",
    variable: "PROMOTER_HEALTH",
    description: "answer /healthz and /readyz here: [HOST:]PORT; with --every",
    parse: parseListenAddress,
  }),
  drain: drainSetting,
} as const;
