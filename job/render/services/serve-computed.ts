import { createHash } from "node:crypto";
import type { ChartValues } from "../chart-values.ts";
import type { Computed } from "../computed-value.ts";
import type { Fields } from "../fields.ts";
import { commonConfiguration, configurationText } from "../job-settings.ts";
import { objectLabels, podLabels, selectorLabels } from "../labels.ts";
import { serviceName } from "../names.ts";
import type { Release } from "../release.ts";
import { matchConditions } from "./match-conditions.ts";
import { writtenRoutes } from "./routed-prefixes.ts";
import { serveArguments } from "./serve-arguments.ts";

const component = { "app.kubernetes.io/component": "serve" };
const others = new Set(["jobs", "cronjobs", "rollouts"]);

/** What the templates of `serve` call computed. */
export function serveComputed(name: string, release: Release): Computed | undefined {
  const { values } = release;
  const { serve } = values;
  switch (name) {
    case "serveName":
      return serveName(release);
    case "serveClusterName":
      return clusterName(release);
    case "serveAccountName":
      return serve.serviceAccount.name || (serve.serviceAccount.create ? serveName(release) : "default");
    case "serveConfiguration":
      return serveConfiguration(values);
    case "serveArguments":
      return serveArguments(release, {
        host: hostOf(release),
        tlsSecret: tlsName(release),
        configurations: clusterName(release),
        lease: leaseOf(release),
      });
    case "serveLease":
      return leaseOf(release);
    case "serveTlsName":
      return tlsName(release);
    case "serveTlsSecret":
      return serve.tls.mode === "self-managed" ? "" : tlsName(release);
    case "serveCaBundle":
      return serve.tls.mode === "secret" ? Buffer.from(serve.tls.caBundle).toString("base64") : "";
    case "serveCertificateInjection":
      return serve.tls.mode === "cert-manager" ? `${release.namespace ?? ""}/${serveName(release)}` : "";
    case "serveTlsDuration":
      return `${24 * serve.tls.days}h`;
    case "serveDnsNames":
      return dnsNames(release);
    default:
      return serveFields(name, release);
  }
}

/** Name of the objects in the release's namespace. */
export function serveName(release: Release): string {
  return serviceName(release, "-serve");
}

/** Name of those that belong to the whole cluster: another release of the same name has them, too. */
function clusterName(release: Release): string {
  return `${release.namespace ?? ""}-${serveName(release)}`;
}

/** The Secret of the certificate. */
export function tlsName(release: Release): string {
  return release.values.serve.tls.secret || `${serveName(release)}-tls`;
}

function serveFields(name: string, release: Release): Computed | undefined {
  const { values } = release;
  const { serve, podAnnotations } = values;
  switch (name) {
    case "serveLabels":
      return objectLabels(release, component);
    case "serveMonitorLabels":
      return objectLabels(release, { ...serve.serviceMonitor.labels, ...component });
    case "serveSelector":
      return { ...selectorLabels(release), ...component };
    case "servePodLabels":
      return { ...podLabels(release), ...component };
    case "servePodAnnotations":
      return { ...podAnnotations, ...checksum(serveConfiguration(values)) };
    case "serveSpread":
      return spreadOf(release);
    case "serveIssuerRef":
      return Object.keys(serve.tls.issuerRef).length > 0
        ? serve.tls.issuerRef
        : { kind: "Issuer", name: serveName(release) };
    case "serveNamespaceSelector":
      return namespaceSelector(release);
    case "servePodConditions":
      return matchConditions(values, "pods");
    case "serveWorkloadConditions":
      return matchConditions(values, "workloads");
    case "serveCronJobConditions":
      return matchConditions(values, "cronJobs");
    case "serveWorkloadRules":
      return workloadRules(values);
    case "serveCronJobRules":
      return serve.workloads.includes("cronjobs") ? [rule("batch", ["cronjobs"])] : [];
    default:
      return undefined;
  }
}

/** The whole promoter.yaml: what runs on gets its routes from nowhere else. */
function serveConfiguration(values: ChartValues): string {
  const { webhook, statusPage } = values.serve;
  const { environments, modules } = statusPage;
  return configurationText({
    ...commonConfiguration(values),
    ...(Object.keys(environments).length > 0 && { environments }),
    ...(Object.keys(modules).length > 0 && { modules }),
    routes: values.routes.length > 0 ? values.routes : writtenRoutes(values),
    ...(Object.keys(webhook).length > 0 && { webhook }),
  });
}

/** The Lease by which one replica does what one alone is to do; empty where there is no such thing. */
function leaseOf(release: Release): string {
  const { watch, tls } = release.values.serve;
  return watch || tls.mode === "self-managed" ? serveName(release) : "";
}

function hostOf(release: Release): string {
  return `${serveName(release)}.${release.namespace ?? ""}.svc`;
}

function dnsNames(release: Release): readonly string[] {
  const host = hostOf(release);
  return [host, `${host}.cluster.local`];
}

function spreadOf(release: Release): readonly Fields[] {
  const { topologySpreadConstraints: own } = release.values.serve;
  if (own.length > 0) return own;
  return ["kubernetes.io/hostname", "topology.kubernetes.io/zone"].map((topologyKey) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: { ...selectorLabels(release), ...component } },
  }));
}

/** Of these Kubernetes itself lives. */
const systemNamespaces = ["kube-system", "kube-node-lease"];

/** Never the namespace of the webhook: without it nothing could bring its own pods back. */
function namespaceSelector({ values: { serve }, namespace = "" }: Release): Fields {
  const { matchLabels, matchExpressions = [] } = serve.namespaceSelector;
  const values = [...new Set([namespace, ...systemNamespaces, ...serve.excludedNamespaces])];
  return {
    ...(matchLabels && Object.keys(matchLabels).length > 0 && { matchLabels }),
    matchExpressions: [
      { key: "kubernetes.io/metadata.name", operator: "NotIn", values },
      ...matchExpressions,
    ],
  };
}

function workloadRules({ serve: { workloads } }: ChartValues): readonly Fields[] {
  const apps = workloads.filter((resource) => !others.has(resource));
  return [
    ...(apps.length > 0 ? [rule("apps", apps)] : []),
    ...(workloads.includes("jobs") ? [rule("batch", ["jobs"])] : []),
    ...(workloads.includes("rollouts") ? [rule("argoproj.io", ["rollouts"], "v1alpha1")] : []),
  ];
}

function rule(group: string, resources: readonly string[], version = "v1"): Fields {
  return {
    apiGroups: [group],
    apiVersions: [version],
    operations: ["CREATE", "UPDATE"],
    resources,
    scope: "Namespaced",
  };
}

/** An annotation by which pods are made anew when their configuration changes. */
export function checksum(configuration: string): Readonly<Record<string, string>> {
  return { "checksum/configuration": createHash("sha256").update(configuration).digest("hex") };
}
