import { afterAll, beforeAll } from "vitest";
import { chartFolder, openHelm } from "../../chart/helm.ts";
import { destinationOf, promotionValues } from "../chart.ts";
import { kubectl } from "../kubectl.ts";
import { type Namespace, until, useNamespace } from "../namespace.ts";
import type { World } from "../world.ts";
import { podOf } from "./pods.ts";

/** The service of the admission webhook, installed by the chart in a namespace of its own. */
export interface WebhookRelease {
  readonly namespace: Namespace;
  /** HOST/PREFIX that this release alone promotes to: nothing is there, and no other webhook is asked about it. */
  readonly registry: string;
  /** Name of the objects in the namespace, and of those of the cluster. */
  readonly name: string;
  readonly clusterName: string;
  /** Installs it with other values; done when the pods are replaced. */
  apply(values: WebhookValues): Promise<void>;
  /** Waits until the API server asks it. */
  asked(): Promise<void>;
  /** What its pods have counted, all together: a metric's name with its labels as it is written. */
  metrics(): Promise<ReadonlyMap<string, number>>;
}

/** Values of the chart, and among them those of the service. */
export interface WebhookValues {
  readonly serve?: object;
  readonly [value: string]: unknown;
}

const release = "promoter";

/** Installs the service for the tests around the call, and takes it away when they have ended. */
export function useWebhook(
  world: World,
  title: string,
  values: WebhookValues | ((webhook: WebhookRelease) => Promise<WebhookValues>) = {},
): () => WebhookRelease {
  const namespace = useNamespace(title);
  let webhook: WebhookRelease | undefined;
  beforeAll(async () => {
    webhook = releaseIn(world, namespace());
    await webhook.apply(typeof values === "function" ? await values(webhook) : values);
    await webhook.asked();
  });
  afterAll(async () => {
    if (webhook) await removeFromCluster(webhook);
  });
  return () => {
    if (webhook === undefined) throw new Error(`The webhook for ${title} was not installed`);
    return webhook;
  };
}

/** A release that is not installed yet; whoever installs it removes it by {@link removeFromCluster}. */
export function releaseIn(world: World, namespace: Namespace): WebhookRelease {
  const registry = destinationOf(world, namespace.name);
  const name = `${release}-image-promoter-serve`;
  const clusterName = `${namespace.name}-${name}`;
  return {
    namespace,
    registry,
    name,
    clusterName,
    async apply(values) {
      const manifests = await renderWebhook(world, namespace.name, values);
      await namespace.kubectl(["apply", "-f", "-"], { input: manifests });
      await namespace.kubectl(["rollout", "status", `deployment/${name}`, "--timeout=90s"]);
    },
    asked: () => askedAbout(`${registry}/shop/missing:0.0.0`),
    metrics: () => metricsOf(namespace),
  };
}

/** What Helm makes of the chart with the service on. */
export async function renderWebhook(
  world: World,
  namespace: string,
  { serve, ...values }: WebhookValues,
): Promise<string> {
  await using helm = await openHelm();
  const resources = { requests: { cpu: "10m", memory: "64Mi" } };
  return await helm.template("helm", chartFolder, {
    name: release,
    namespace,
    values: {
      ...promotionValues(world, namespace),
      ...values,
      serve: { enabled: true, resources, ...serve },
    },
  });
}

/** What belongs to the whole cluster, and does not go with the namespace. */
export async function removeFromCluster({ clusterName }: WebhookRelease): Promise<void> {
  const kinds = "mutatingwebhookconfiguration,validatingwebhookconfiguration,clusterrolebinding,clusterrole";
  await kubectl(["delete", kinds, clusterName, "--ignore-not-found"]);
}

/** Asks without effect for what a webhook that works refuses. */
async function askedAbout(image: string): Promise<void> {
  const annotations = { "image-promoter.dev/policy": "verify-only" };
  const input = JSON.stringify(podOf("probe", image, { annotations }));
  await until("the API server to ask the webhook", async () => {
    const args = ["create", "--dry-run=server", "--namespace=default", "-f", "-"];
    const error = await kubectl(args, { input }).then(
      () => "",
      (thrown: Error) => thrown.message,
    );
    return error.includes("image-promoter.dev") || undefined;
  });
}

async function metricsOf(namespace: Namespace): Promise<ReadonlyMap<string, number>> {
  const selector = "app.kubernetes.io/component=serve";
  const pods = await namespace.list<{ metadata: { name: string } }>("pods", "-l", selector);
  const texts = await Promise.all(
    pods.map(({ metadata }) =>
      kubectl([
        "get",
        "--raw",
        `/api/v1/namespaces/${namespace.name}/pods/${metadata.name}:8080/proxy/metrics`,
      ]),
    ),
  );
  const sums = new Map<string, number>();
  for (const line of texts.join("\n").split("\n")) {
    const [, name, value] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  return sums;
}
