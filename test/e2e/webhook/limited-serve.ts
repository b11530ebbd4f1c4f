import { Agent, request } from "undici";
import { parse } from "yaml";
import { renderManifests } from "../../../job/render/manifests.ts";
import type { ManifestObject } from "../../chart/helm.ts";
import { runCommand } from "../../scenarios/command-run.ts";
import { pod, review } from "../../webhook/review.ts";
import { destinationOf, promotionValues } from "../chart.ts";
import { kubectl } from "../kubectl.ts";
import { type Namespace, until } from "../namespace.ts";
import type { World } from "../world.ts";

/** One verb of one rule of what is granted to the webhook. */
export interface Right {
  readonly kind: "Role" | "ClusterRole";
  readonly rule: number;
  readonly verb: string;
  /** The first that the rule names. */
  readonly resource: string;
}

interface Role extends ManifestObject {
  readonly rules: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
}

/** `serve` in this process, with the rights of its account in the cluster but for one. */
export interface LimitedServe extends AsyncDisposable {
  readonly name: string;
  /** HOST/PREFIX that it promotes to. */
  readonly registry: string;
  stderr(): string;
  /** Asks about a pod in a namespace, as the API server would, unless no certificate comes of what is missing. */
  asked(namespace: string): Promise<void>;
}

interface Where {
  readonly world: World;
  readonly namespace: Namespace;
  /** What its objects are called. */
  readonly name: string;
}

const granted = new Set([
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ClusterRole",
  "ClusterRoleBinding",
  "MutatingWebhookConfiguration",
]);

/** What manifests grant to the webhook. */
export function rightsOf(): readonly Right[] {
  const route = { source: { registry: "a.example.com" }, destination: { registry: "b.example.com" } };
  return objectsOf(route, { name: "any", namespace: "any" }).flatMap((object) => {
    const { kind } = object;
    if (kind !== "Role" && kind !== "ClusterRole") return [];
    return (object as Role).rules.flatMap(({ resources, verbs }, rule) =>
      verbs.map((verb) => ({ kind, rule, verb, resource: resources[0] ?? "" })),
    );
  });
}

/** Grants all but a right, and starts `serve` with what is left. */
export async function startWithout(right: Right | undefined, where: Where): Promise<LimitedServe> {
  const { world, namespace, name } = where;
  const prefix = `${namespace.name}-${name}`;
  const objects = objectsOf(
    { ...promotionValues(world, prefix), fullnameOverride: name },
    {
      name,
      namespace: namespace.name,
    },
  );
  const items = objects.filter(({ kind }) => granted.has(kind)).map((object) => without(right, object));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectl(["apply", "-f", "-"], { input: list });
  const controller = new AbortController();
  let stderr = "";
  const ended = runCommand([...argumentsOf(objects), ...atHome], {
    env: await podEnvironment(where),
    files: { ...(await podFiles(where)), "/etc/image-promoter/promoter.yaml": configurationOf(objects) },
    signal: controller.signal,
    onStderr(text) {
      stderr += text;
    },
  });
  return {
    name,
    registry: destinationOf(world, prefix),
    stderr: () => stderr,
    asked: (about) => ask(about, `${destinationOf(world, prefix)}/shop/api:1.4.2`, () => stderr),
    async [Symbol.asyncDispose]() {
      controller.abort(new Error("The test is over"));
      await ended;
      const ofCluster = items.filter(({ kind }) => /^(Cluster|Mutating)/.test(kind));
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: ofCluster });
      await kubectl(["delete", "--ignore-not-found", "-f", "-"], { input });
    },
  };
}

/** What is not the pod's: addresses, and certificates that do not hold for long. */
const atHome = [
  "--listen=127.0.0.1:0",
  "--health=127.0.0.1:0",
  "--shutdown-delay=1ms",
  "--tls-lifetime=60s",
  "--log-format=json",
  "--log-level=debug",
];

function objectsOf(
  values: object,
  options: { readonly name: string; readonly namespace: string },
): readonly ManifestObject[] {
  const files = renderManifests({ ...values, serve: { enabled: true } }, options);
  return files.map(({ content }) => parse(content) as ManifestObject);
}

function without(right: Right | undefined, object: ManifestObject): ManifestObject {
  if (right === undefined || object.kind !== right.kind) return object;
  const rules = (object as Role).rules
    .map((rule, position) =>
      position === right.rule ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== right.verb) } : rule,
    )
    .filter(({ verbs }) => verbs.length > 0);
  return { ...object, rules };
}

interface Deployment extends ManifestObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
    };
  };
}

function argumentsOf(objects: readonly ManifestObject[]): readonly string[] {
  const deployment = objects.find(({ kind }) => kind === "Deployment") as Deployment | undefined;
  return deployment?.spec.template.spec.containers[0]?.args ?? [];
}

function configurationOf(objects: readonly ManifestObject[]): string {
  const map = objects.find(({ kind }) => kind === "ConfigMap") as
    | { readonly data?: Record<string, string> }
    | undefined;
  return map?.data?.["promoter.yaml"] ?? "";
}

async function podEnvironment({ namespace, name }: Where): Promise<Record<string, string>> {
  const path = "jsonpath={.clusters[0].cluster.server}";
  const server = new URL(await kubectl(["config", "view", "--minify", "-o", path]));
  return {
    KUBERNETES_SERVICE_HOST: server.hostname.replace(/^\[|\]$/g, ""),
    KUBERNETES_SERVICE_PORT: server.port || "443",
    POD_NAME: name,
    POD_NAMESPACE: namespace.name,
    PROMOTER_CONFIG: "/etc/image-promoter/promoter.yaml",
  };
}

async function podFiles({ namespace, name }: Where): Promise<Record<string, string>> {
  const folder = "/var/run/secrets/kubernetes.io/serviceaccount";
  const path = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
  const authority = await kubectl(["config", "view", "--minify", "--raw", "--flatten", "-o", path]);
  return {
    [`${folder}/token`]: await namespace.kubectl(["create", "token", `${name}-serve`]),
    [`${folder}/ca.crt`]: Buffer.from(authority, "base64").toString(),
    [`${folder}/namespace`]: namespace.name,
  };
}

async function ask(namespace: string, image: string, stderr: () => string): Promise<void> {
  const listening = await until(
    "the webhook to listen, or to be refused",
    async () => {
      const port = /"port":(\d+),"msg":"Listening for admission/.exec(stderr())?.[1];
      return port ?? (stderr().includes("forbidden") ? "" : undefined);
    },
    { seconds: 60 },
  );
  if (listening === "") return;
  const body = JSON.stringify(review({ object: pod([image]), namespace, dryRun: true }));
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const answer = await request(`https://127.0.0.1:${listening}/admit`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
    dispatcher,
  });
  await answer.body.dump();
  await dispatcher.destroy();
}
