import { parse } from "yaml";
import { PromoterError } from "../error.ts";
import { chartValues } from "./chart-values.ts";
import { computed } from "./computed.ts";
import type { Computed } from "./computed-value.ts";
import { type Fields, isFields } from "./fields.ts";
import { jobConfiguration } from "./job-settings.ts";
import { objectLabels, podLabels } from "./labels.ts";
import type { ManifestsOptions } from "./manifests.ts";
import { releaseVocabulary, renderObject } from "./manifests-vocabulary.ts";
import { boundedName } from "./names.ts";
import { objectTemplates } from "./object-templates.ts";
import type { Release } from "./release.ts";
import type { RenderedFile } from "./rendered-file.ts";
import type { Vocabulary } from "./vocabulary.ts";

export interface EventDeploymentOptions extends ManifestsOptions {
  readonly queueUrl: string;
  /** What tells this Deployment from the release's others; empty where it is the only one. */
  readonly suffix: string;
  readonly replicas: number;
  readonly networkPolicy: boolean;
  /** The text of a promoter.yaml, which goes along whole; without it values say what can be said by variables. */
  readonly configuration?: string;
  /** The environment of that file to promote into. */
  readonly environment?: string;
}

const healthPort = 8080;
const prerequisites = new Set(["serviceAccount", "configMap"]);
const own = ["deployment", "pod-disruption-budget", "network-policy"] as const;

/**
 * A Deployment that promotes what a queue tells of, with what it needs: its pods are those that the chart would run, kept
 * running.
 *
 * @param values what a values.yaml says; what is left out has the chart's default.
 * @throws {PromoterError} `InvalidConfiguration`, naming the path of each value that is wrong.
 */
export function renderEventDeployment(values: unknown, options: EventDeploymentOptions): RenderedFile[] {
  const vocabulary = vocabularyOf(releaseOf(values, options), options);
  const shared = objectTemplates.filter(({ name }) => prerequisites.has(name));
  const files = own
    .filter((name) => name !== "network-policy" || options.networkPolicy)
    .map((name) => ({ path: `events/${name}.yaml.hbs`, file: `${name}${options.suffix}.yaml` }));
  return [...shared, ...files]
    .map(({ path, file }) => ({ path: file, content: renderObject(path, vocabulary) }))
    .filter(({ content }) => content !== "\n");
}

function releaseOf(given: unknown, options: EventDeploymentOptions): Release {
  const { name, namespace, replicas, queueUrl, environment } = options;
  const values = chartValues(given);
  const variables: Readonly<Record<string, string | undefined>> = {
    PROMOTER_ENVIRONMENT: environment,
    PROMOTER_QUEUE_URL: queueUrl,
    PROMOTER_HEALTH: String(healthPort),
    PROMOTER_DRAIN: `${Math.max(1, values.terminationGracePeriodSeconds - 5)}s`,
  };
  const ours = Object.entries(variables).flatMap(([variable, value]) =>
    value === undefined ? [] : [{ name: variable, value }],
  );
  const events = { replicas, healthPort };
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    values: {
      ...values,
      // What runs on is no hook, and tells nobody's Job of what it does.
      hook: { ...values.hook, engine: "none" },
      rbac: { ...values.rbac, create: false },
      extraEnv: [...values.extraEnv, ...ours],
      ...{ events },
    },
  };
}

function vocabularyOf(release: Release, options: EventDeploymentOptions): Vocabulary {
  const { configuration, suffix } = options;
  const component = `on-push${suffix}`;
  const labels = { "app.kubernetes.io/component": component };
  const known: Readonly<Record<string, Computed>> = {
    images: "of events",
    arguments: ["on-push", ...release.values.extraArgs],
    configuration: configuration ?? jobConfiguration(release.values),
    deploymentName: boundedName(release, `-${component}`),
    labels: objectLabels(release, labels),
    eventPodLabels: { ...podLabels(release), ...labels },
    selectorLabels: selectorOf(release, labels),
    // Its routes are those of the whole file.
    ...(configuration !== undefined && { from: "", to: "" }),
  };
  return releaseVocabulary(release, (name, partial) =>
    name === "eventPodSpec"
      ? runningOn(parse(partial("podSpec")))
      : (known[name] ?? computed(name, release, () => "")),
  );
}

function selectorOf(release: Release, own: Readonly<Record<string, string>>): Fields {
  const { "app.kubernetes.io/name": name = "", "app.kubernetes.io/instance": instance = "" } =
    podLabels(release);
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": instance, ...own };
}

/** The Job's pod, kept running and asked how it is. */
function runningOn(podSpec: unknown): Fields {
  if (!isFields(podSpec)) throw new PromoterError("Internal", "The template of pods is none");
  const [container, ...others] = [podSpec.containers ?? []].flat().filter(isFields);
  const probe = (path: string) => ({ httpGet: { path, port: "health" } });
  return {
    ...podSpec,
    restartPolicy: "Always",
    containers: [
      {
        ...container,
        env: [container?.env ?? []].flat().filter((variable) => !isOfJob(variable)),
        ports: [{ name: "health", containerPort: healthPort, protocol: "TCP" }],
        startupProbe: { ...probe("/healthz"), periodSeconds: 2, failureThreshold: 30 },
        readinessProbe: { ...probe("/readyz"), periodSeconds: 10 },
        livenessProbe: { ...probe("/healthz"), periodSeconds: 20, timeoutSeconds: 5 },
      },
      ...others,
    ],
  };
}

/** What only a Job's pod has: its list of images, and the labels by which it knows its Job. */
function isOfJob(variable: unknown): boolean {
  return isFields(variable) && ["PROMOTER_IMAGES", "JOB_NAME", "JOB_UID"].includes(String(variable.name));
}
