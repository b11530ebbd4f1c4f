import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { objectsOf } from "../chart/helm.ts";
import { toolOutput } from "../integration/run-tool.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { renderChart } from "./chart.ts";
import { useNamespace } from "./namespace.ts";
import { describeInCluster } from "./world.ts";

/** Every field that the chart can write into an object. */
const everything = {
  nameOverride: "promotion",
  commonLabels: { team: "shop" },
  imagePullSecrets: [{ name: "pull" }],
  serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::222222222222:role/x" } },
  copy: {
    overwrite: "never",
    referrers: "none",
    concurrency: 4,
    timeout: "10m",
    createRepositories: true,
    repositorySettings: { scanOnPush: true },
  },
  strict: true,
  job: { backoffLimit: 0, activeDeadlineSeconds: 60, annotations: { a: "b" }, labels: { c: "d" } },
  cronJob: { schedule: "0 5 * * *", suspend: false },
  podAnnotations: { e: "f" },
  podLabels: { g: "h" },
  nodeSelector: { "kubernetes.io/os": "linux" },
  tolerations: [{ key: "spot", operator: "Exists", effect: "NoSchedule" }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "arch", operator: "Exists" }] }],
      },
    },
  },
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway", labelSelector: {} },
  ],
  terminationGracePeriodSeconds: 10,
  hostAliases: [{ ip: "10.0.0.1", hostnames: ["registry.internal"] }],
  dnsConfig: { options: [{ name: "ndots", value: "1" }] },
  proxy: { http: "http://proxy:3128", https: "http://proxy:3128", noProxy: "10.0.0.0/8" },
  caBundle: { configMap: "ca" },
  extraArgs: ["--strict"],
  extraEnv: [{ name: "AWS_REGION", value: "eu-west-1" }],
  extraEnvFrom: [{ secretRef: { name: "more" } }],
  extraVolumes: [{ name: "docker", secret: { secretName: "docker" } }],
  extraVolumeMounts: [{ name: "docker", mountPath: "/docker", readOnly: true }],
  extraObjects: [{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "more" }, data: { a: "b" } }],
};

/** Every field that the cluster knows of what services are. */
const services = {
  serve: {
    enabled: true,
    workloads: ["deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs", "rollouts"],
    validate: true,
    namespaceSelector: { matchLabels: { a: "b" }, matchExpressions: [{ key: "c", operator: "Exists" }] },
    objectSelector: { matchLabels: { d: "e" } },
    matchConditions: [
      { name: "no-jobs", expression: "!('job-name' in object.metadata.?labels.orValue({}))" },
    ],
    networkPolicy: { enabled: true, egress: [{ ports: [{ port: 5000 }] }] },
    service: { annotations: { a: "b" } },
    serviceAccount: { annotations: { a: "b" } },
    priorityClassName: "system-cluster-critical",
    statusPage: {
      enabled: true,
      environments: {
        dev: { registry: "dev.example.com" },
        prod: { registry: "prod.example.com", promotesFrom: ["dev"] },
      },
    },
  },
  update: {
    enabled: true,
    clusterApplications: true,
    secret: "git",
    priorityClassName: "system-cluster-critical",
  },
};

describeInCluster(
  "the API server, asked without effect, under the restricted Pod Security profile",
  (world) => {
    const namespace = useNamespace("dry-run");

    describe("takes what the chart renders, and warns of nothing", () => {
      it.each<readonly [string, object]>([
        ["by default", {}],
        ["in the phase Sync", { hook: { phase: "Sync" } }],
        ["by hooks of Helm", { hook: { engine: "helm" } }],
        ["without hooks", { hook: { engine: "none" } }],
        [
          "with an account of somebody else's",
          { serviceAccount: { create: false }, rbac: { create: false } },
        ],
        ["with everything", everything],
        ["with certificates out of a Secret", { caBundle: { secret: "ca" } }],
        ["under a long name", { fullnameOverride: "n".repeat(63) }],
        ["with services", services],
        ["with services under a long name", { ...services, fullnameOverride: "n".repeat(63) }],
        [
          "with a certificate and a CronJob",
          {
            serve: { enabled: true, tls: { mode: "secret", secret: "tls", caBundle: "" }, watch: false },
            update: { enabled: true, schedule: "*/5 * * * *" },
          },
        ],
      ])("%s", async (_, values) => {
        await expectTaken(await renderChart(world, namespace().name, values));
      });
    });

    it("takes the manifests that are rendered without Helm", async () => {
      const image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1.4.2";
      const promotion = ["--from", "dev.example.com", "--to", "222222222222.dkr.ecr.eu-west-1.amazonaws.com"];
      const { code, stdout } = await runCommand([
        "render",
        "manifests",
        image,
        "--name",
        "shop",
        ...promotion,
      ]);
      expect(code).toBe(0);
      await expectTaken(stdout);
    });

    it.each(["dev", "production"])("takes the Kustomize example's overlay %s", async (overlay) => {
      const built = await toolOutput("kustomize", ["build", join("examples/kustomize/overlays", overlay)]);
      await expectTaken(built.replaceAll("namespace: shop", `namespace: ${namespace().name}`));
    });

    it("takes what inject puts behind manifests", async () => {
      const manifests = await readFile("examples/kustomize/infra/charts/api.yaml", "utf8");
      const image = "222222222222.dkr.ecr.eu-west-1.amazonaws.com/shop/api:1.4.2";
      const { code, stdout } = await runCommand(
        [
          "inject",
          "--rbac",
          "--from",
          "dev.example.com",
          "--to",
          "222222222222.dkr.ecr.eu-west-1.amazonaws.com",
        ],
        { input: manifests.replaceAll("shop/api", image) },
      );
      expect(code).toBe(0);
      expect(objectsOf(stdout).map(({ kind }) => kind)).toContain("Job");
      await expectTaken(stdout);
    });

    it("warns of a pod that the profile does not allow, and refuses a field that it does not know", async () => {
      const container = { name: "a", image: "example.com/a:1" };
      const job = (spec: object) =>
        JSON.stringify({
          apiVersion: "batch/v1",
          kind: "Job",
          metadata: { name: "a" },
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ ...container, ...spec }] } } },
        });
      expect((await dryRun(job({}))).stderr).toContain("would violate PodSecurity");
      expect(await dryRun(job({ imagePullpolicy: "Always" }))).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("unknown field"),
      });
    });

    async function expectTaken(manifests: string): Promise<void> {
      // A pod of its own, as the chart's test, is refused where its account is not there.
      const accounts = objectsOf(manifests).filter(({ kind }) => kind === "ServiceAccount");
      for (const account of accounts) {
        await namespace().kubectl(["apply", "-f", "-"], { input: JSON.stringify(account) });
      }
      const { code, stdout, stderr } = await dryRun(manifests);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.trim().split("\n")).toHaveLength(objectsOf(manifests).length);
      expect(objectsOf(manifests).length).toBeGreaterThan(0);
    }

    function dryRun(manifests: string) {
      return namespace().tryKubectl(["apply", "--dry-run=server", "-f", "-"], { input: manifests });
    }
  },
);
