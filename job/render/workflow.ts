import type { Metadata } from "../config/metadata-file.ts";
import { PromoterError } from "../error.ts";
import { version } from "../version.ts";
import type { RenderedFile } from "./rendered-file.ts";
import { buildTasks, promotedImages } from "./workflow-builds.ts";
import { type WorkflowEvents, workflowEvents } from "./workflow-events.ts";
import { renderWorkflowTemplate } from "./workflow-template.ts";

export type Builder = "buildkit" | "kaniko" | "buildah";

export interface WorkflowOptions {
  /** Name of the WorkflowTemplate, and the beginning of the names of what it needs. */
  readonly name: string;
  readonly namespace?: string;
  readonly metadata: Metadata;
  /** The file that it was read from, for the step that assembles the indexes. */
  readonly metadataText: string;
  readonly builder: Builder;
  /** Default what this version was tried with. */
  readonly builderImage?: string;
  readonly promoterImage: string;
  /** Git repository of the sources. */
  readonly repositoryUrl: string;
  /** Secret with `username` and `password` for it. */
  readonly gitSecret?: string;
  /** Secret of type `kubernetes.io/dockerconfigjson`. */
  readonly registrySecret?: string;
  /** HOST[/PREFIX] to promote to; without it the workflow ends with the indexes. */
  readonly to?: string;
  /** Roles for IAM Roles for Service Accounts. */
  readonly buildRoleArn?: string;
  readonly promoteRoleArn?: string;
  /** Where a webhook's address is that is told how the workflow ended. */
  readonly notify?: { readonly secret: string; readonly key: string; readonly image: string };
  /** What starts the workflow; without it, people or other tools do. */
  readonly events?: WorkflowEvents;
}

const builderImages: Readonly<Record<Builder, string>> = {
  buildkit: "docker.io/moby/buildkit:v0.25.1-rootless",
  kaniko: "gcr.io/kaniko-project/executor:v1.24.0",
  buildah: "quay.io/buildah/stable:v1.41.5",
};

/** Names that others are made of: Argo adds up to 22 characters to a workflow's for its pods. */
const longestName = 40;

/**
 * An Argo workflow that builds each repository's image on nodes of each architecture, makes indexes of them, and
 * promotes these: WorkflowTemplate, accounts and roles, and, with events, what starts it.
 *
 * @throws {PromoterError} `Usage` for a name that is too long or no name; `InvalidConfiguration` for a platform that the
 * builders do not build.
 */
export function renderWorkflow(options: WorkflowOptions): RenderedFile[] {
  const { name, events } = options;
  if (!/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/.test(name) || name.length > longestName) throw unusable(name);
  const context = contextOf(options);
  const files = ["config-map", "service-accounts", "roles", "workflow-template"];
  const eventFiles = events === undefined ? [] : ["event-source", "sensor"];
  const bus = events?.bus === true ? ["event-bus"] : [];
  return [...files, ...bus, ...eventFiles].map((file) => ({
    path: `${file}.yaml`,
    content: renderWorkflowTemplate(file, context),
  }));
}

function contextOf(options: WorkflowOptions): object {
  const {
    name,
    metadata,
    metadataText,
    builder,
    to,
    events,
    builderImage = builderImages[builder],
  } = options;
  const accounts = {
    build: `${name}-build`,
    promote: `${name}-promote`,
    executor: `${name}-executor`,
    source: `${name}-events`,
    sensor: `${name}-sensor`,
  };
  const tasks = buildTasks(metadata);
  return {
    ...options,
    builderImage,
    accounts,
    labels: {
      "app.kubernetes.io/name": "image-promoter",
      "app.kubernetes.io/instance": name,
      "app.kubernetes.io/version": version,
      "app.kubernetes.io/managed-by": "image-promoter",
    },
    configMap: `${name}-metadata`,
    metadata: metadataText,
    tasks,
    builds: tasks.map((task) => task.name),
    jetStreamVersion: "2.10.10",
    ...(to !== undefined && { promotion: promotedImages(metadata, to) }),
    ...(events && { events: workflowEvents(events) }),
    serviceAccounts: accountsOf(options, accounts),
    roles: rolesOf(options, accounts),
  };
}

type Accounts = Readonly<Record<"build" | "promote" | "executor" | "source" | "sensor", string>>;

/** Only the sensor speaks to Kubernetes' API with the token of its account: it submits workflows. */
function accountsOf({ to, events, buildRoleArn, promoteRoleArn }: WorkflowOptions, accounts: Accounts) {
  return [
    { name: accounts.build, roleArn: buildRoleArn, mounted: false },
    ...(to === undefined ? [] : [{ name: accounts.promote, roleArn: promoteRoleArn, mounted: false }]),
    { name: accounts.executor, mounted: false },
    ...(events === undefined
      ? []
      : [
          { name: accounts.source, mounted: false },
          { name: accounts.sensor, mounted: true },
        ]),
  ];
}

/** What Argo's executor and the sensor do; the steps themselves do nothing in Kubernetes. */
function rolesOf({ events }: WorkflowOptions, accounts: Accounts) {
  const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ["argoproj.io"], resources, verbs });
  return [
    { name: accounts.executor, rules: [rule(["workflowtaskresults"], ["create", "patch"])] },
    ...(events === undefined
      ? []
      : [
          {
            name: accounts.sensor,
            rules: [rule(["workflows"], ["create", "get", "list"]), rule(["workflowtemplates"], ["get"])],
          },
        ]),
  ];
}

function unusable(name: string): PromoterError {
  return new PromoterError("Usage", `Cannot use --name ${JSON.stringify(name.slice(0, 100))}`, {
    hint: `A name has up to ${longestName} of a-z, 0-9 and -, and begins with a letter: release-shop`,
  });
}
