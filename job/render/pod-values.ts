import * as z from "zod";
import { documented } from "./documented.ts";

/** A part of a Kubernetes object that is passed on as it is; the API server checks it. */
const fields = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());
const variableName = z
  .string()
  .regex(/^[-._a-zA-Z][-._a-zA-Z0-9]*$/, "This is no name of an environment variable");

const proxy = z
  .strictObject({
    http: documented(z.string(), "", "HTTP_PROXY"),
    https: documented(z.string(), "", "HTTPS_PROXY"),
    noProxy: documented(z.string(), "", "NO_PROXY: hosts that are reached directly, separated by commas"),
  })
  .describe("Proxies");

const caBundle = z
  .strictObject({
    configMap: documented(z.string(), "", "ConfigMap that holds certificates as PEM"),
    secret: documented(z.string(), "", "Secret that holds them, instead of a ConfigMap"),
    key: documented(z.string().min(1), "ca.crt", "Key of the ConfigMap or Secret"),
  })
  .refine(({ configMap, secret }) => configMap === "" || secret === "", {
    message: "configMap and secret exclude each other",
  })
  .describe("Certificate authorities to trust besides the public ones (NODE_EXTRA_CA_CERTS)");

/** Variables that every Job of ours has; a second entry of one name is refused when it is applied by the server. */
const takenVariables = [
  "PROMOTER_IMAGES",
  "PROMOTER_OVERWRITE",
  "PROMOTER_REFERRERS",
  "PROMOTER_CONCURRENCY",
  "PROMOTER_CREATE_REPOSITORIES",
  "PROMOTER_STRICT",
  "PROMOTER_LOG_LEVEL",
  "PROMOTER_LOG_FORMAT",
  "POD_NAME",
  "POD_UID",
  "POD_NAMESPACE",
  "JOB_NAME",
  "JOB_UID",
];

const ownVariableName = variableName
  .refine((name) => !takenVariables.includes(name), { error: "a value of its own sets this variable" })
  .meta({ not: { enum: takenVariables } });

/** What is the pod's own: the words that charts commonly use for it. */
export const podValues = {
  podAnnotations: documented(texts, {}, "Annotations of the pods"),
  podLabels: documented(texts, {}, "Labels of the pods"),
  podSecurityContext: documented(
    fields.optional(),
    {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    },
    "Security context of the pod; with the container's it passes the restricted Pod Security profile",
  ),
  securityContext: documented(
    fields.optional(),
    {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    "Security context of the container",
  ),
  resources: documented(
    z
      .strictObject({
        requests: fields.optional(),
        limits: fields.optional(),
        claims: z.array(fields).optional(),
      })
      .optional(),
    { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    "Resources of the container",
  ),
  nodeSelector: documented(texts, {}, "Labels of the nodes to run on"),
  tolerations: documented(z.array(fields), [], "Taints that are tolerated"),
  affinity: documented(
    z.strictObject({
      nodeAffinity: fields.optional(),
      podAffinity: fields.optional(),
      podAntiAffinity: fields.optional(),
    }),
    {},
    "Affinity to nodes and pods",
  ),
  topologySpreadConstraints: documented(z.array(fields), [], "How pods spread over zones and nodes"),
  priorityClassName: documented(z.string(), "", "Priority class of the pods"),
  terminationGracePeriodSeconds: documented(
    z.int().min(0),
    30,
    "Seconds that a stopped promotion has to leave things in order",
  ),
  hostAliases: documented(z.array(fields), [], "Entries of /etc/hosts"),
  dnsConfig: documented(fields, {}, "DNS of the pods"),
  extraEnv: documented(
    z.array(
      z.strictObject({ name: ownVariableName, value: z.string().optional(), valueFrom: fields.optional() }),
    ),
    [],
    "Further environment variables of the container: name with value or valueFrom",
  ),
  extraEnvFrom: documented(
    z.array(fields),
    [],
    "ConfigMaps and Secrets whose entries become environment variables",
  ),
  extraArgs: documented(z.array(z.string()), [], "Further arguments of image-promoter promote"),
  extraVolumes: documented(z.array(fields), [], "Further volumes of the pods"),
  extraVolumeMounts: documented(z.array(fields), [], "Further volume mounts of the container"),
  proxy,
  caBundle,
};
