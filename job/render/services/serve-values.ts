import * as z from "zod";
import { configurationSchema } from "../../config/schema.ts";
import { webhookSchema } from "../../config/webhook-schema.ts";
import { documented } from "../documented.ts";
import { serviceAccountValues, serviceFields, serviceRbac, serviceResources } from "./service-values.ts";

const fields = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());
const port = z.int().min(1024).max(65_535);

/** What a webhook may be asked about besides pods, by the names of the API. */
export const workloadResources = [
  "deployments",
  "statefulsets",
  "daemonsets",
  "replicasets",
  "jobs",
  "cronjobs",
  "rollouts",
] as const;

const selector = z.strictObject({
  matchLabels: texts.optional(),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
    .optional(),
});

const tls = z
  .strictObject({
    mode: documented(
      z.enum(["self-managed", "secret", "cert-manager"]),
      "self-managed",
      "Where the certificate comes from: self-managed makes and renews it in the cluster; secret is one of yours; cert-manager has it made",
    ),
    secret: documented(
      z.string().max(253),
      "",
      "Secret with tls.crt and tls.key; needed by the mode secret, and named otherwise after the Deployment",
    ),
    caBundle: documented(
      z.string(),
      "",
      "Certificates that the API server trusts, as PEM, for the mode secret; empty where somebody else writes them into the webhooks",
    ),
    issuerRef: documented(
      fields,
      {},
      "cert-manager's issuer: name and kind; one of its own signs where empty",
    ),
    days: documented(
      z.int().min(1).max(3_650),
      90,
      "Days that a certificate holds that is made here or by cert-manager; it is renewed in time",
    ),
  })
  .describe("The webhook's certificate");

const networkPolicy = z
  .strictObject({
    enabled: documented(z.boolean(), false, "Whether traffic is limited to what is needed"),
    egress: documented(
      z.array(fields),
      [],
      "Further ways out, for registries and API servers at other ports than 443 and 6443",
    ),
  })
  .describe("Traffic of the pods");

const serviceMonitor = z
  .strictObject({
    enabled: documented(z.boolean(), false, "Whether Prometheus' operator is told of /metrics"),
    interval: documented(z.string().min(1), "30s", "How often it is read"),
    labels: documented(texts, {}, "Labels by which a Prometheus chooses it"),
  })
  .describe("Metrics for the operator of Prometheus");

const { environments, modules } = configurationSchema.shape;

const statusPage = z
  .strictObject({
    enabled: documented(
      z.boolean(),
      false,
      "Whether what runs where is shown at / of the port http, to read",
    ),
    environment: documented(z.string(), "", "The environment that this cluster is"),
    environments: documented(
      environments.unwrap(),
      {},
      "The environments to show, as environments of promoter.yaml",
    ),
    modules: documented(modules.unwrap(), {}, "Groups of repositories, as modules of promoter.yaml"),
  })
  .refine(({ enabled, environments: shown }) => !enabled || Object.keys(shown).length > 0, {
    path: ["environments"],
    message: "The page needs environments to show",
  })
  .describe("A page of what runs where");

/** The service that promotes on demand: image-promoter serve. */
export const serveValues = {
  serve: z
    .strictObject({
      enabled: documented(
        z.boolean(),
        false,
        "Whether it is installed: once in a cluster, by a release of its own",
      ),
      replicas: documented(z.int().min(1), 2, "How many of it there are"),
      webhook: documented(
        webhookSchema,
        {},
        "The section webhook of promoter.yaml: policies by namespaces, labels and images",
      ),
      failurePolicy: documented(
        z.enum(["Ignore", "Fail"]),
        "Ignore",
        "What the API server does when the webhook does not answer: Ignore lets pods in, Fail refuses them",
      ),
      timeoutSeconds: documented(
        z.int().min(1).max(30),
        10,
        "Seconds that the API server waits, and the policy wait has, less what an answer takes",
      ),
      workloads: documented(
        z.array(z.enum(workloadResources)),
        [],
        "What is looked at besides pods: deployments, statefulsets, daemonsets, replicasets, jobs, cronjobs, rollouts",
      ),
      validate: documented(
        z.boolean(),
        false,
        "Whether what other webhooks have made of it is looked at once more, for the policy verify-only",
      ),
      excludedNamespaces: documented(
        z.array(z.string().min(1).max(63)),
        [],
        "Namespaces that the API server does not ask about, besides kube-system, kube-node-lease and the one of the webhook itself",
      ),
      namespaceSelector: documented(selector, {}, "Which of the others it asks about; all when empty"),
      objectSelector: documented(
        selector,
        {},
        "Which objects it asks about, by their labels; all when empty",
      ),
      matchConditions: documented(
        z.array(z.strictObject({ name: z.string().min(1), expression: z.string().min(1) })),
        [],
        "Further conditions in CEL that must hold for the API server to ask",
      ),
      watch: documented(
        z.boolean(),
        true,
        "Whether images are promoted, too, that pods wait for already (ErrImagePull, ImagePullBackOff)",
      ),
      statusPage,
      tls,
      service: z
        .strictObject({ annotations: documented(texts, {}, "Its annotations") })
        .describe("The Service that the API server calls"),
      ports: z
        .strictObject({
          webhook: documented(port, 8443, "Port of the pods for the API server"),
          http: documented(port, 8080, "Port for probes, metrics and the page"),
        })
        .describe("Ports of the pods; on the node itself with hostNetwork"),
      podDisruptionBudget: z
        .strictObject({ enabled: documented(z.boolean(), true, "Whether only one pod goes at a time") })
        .describe("Nodes that are drained"),
      networkPolicy,
      serviceMonitor,
      hostNetwork: documented(
        z.boolean(),
        false,
        "Whether pods use the network of their node: where the API server reaches no others",
      ),
      topologySpreadConstraints: documented(
        z.array(fields),
        [],
        "How pods spread; over nodes and zones, where that is possible, when empty",
      ),
      ...serviceAccountValues,
      ...serviceRbac,
      ...serviceResources({
        requests: { cpu: "100m", memory: "128Mi" },
        limits: { memory: "512Mi" },
      }),
      ...serviceFields("serve"),
    })
    .superRefine(({ tls: { mode, secret } }, context) => {
      if (mode === "secret" && secret === "") {
        context.addIssue({
          code: "custom",
          path: ["tls", "secret"],
          message: "The mode secret needs the name of a Secret",
        });
      }
    })
    .describe("The service that promotes what pods need when they are made: image-promoter serve"),
};
