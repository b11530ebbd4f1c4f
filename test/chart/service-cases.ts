/** Values of services: one case for each way through their templates. */
export function serviceCases(route: object): [name: string, values: Record<string, unknown>][] {
  const serve = (values: object) => ({ ...route, serve: { enabled: true, ...values } });
  return [
    ["the webhook", serve({})],
    ["the webhook beside a Job", { ...serve({}), images: ["prod.example.com/team/app:1.0"] }],
    ["a webhook that is turned off", { ...serve({}), enabled: false }],
    ["images of nobody's", { ...serve({}), strict: true }],
    ["workloads", serve({ workloads: ["deployments", "jobs", "cronjobs", "rollouts"], validate: true })],
    ["CronJobs alone", serve({ workloads: ["cronjobs"] })],
    [
      "several routes",
      {
        routes: [
          { to: "prod.example.com", from: ["staging.example.com", "dev.example.com/team"] },
          { to: "other.example.com/x", from: "dev.example.com" },
        ],
        serve: { enabled: true, webhook: { rules: [{ name: "shop", policy: "rewrite", pin: true }] } },
      },
    ],
    [
      "names without a host",
      { ...route, source: { registry: "docker.io/library" }, serve: { enabled: true } },
    ],
    [
      "a certificate of the user's",
      serve({ tls: { mode: "secret", secret: "tls", caBundle: "-----BEGIN\n" } }),
    ],
    ["a certificate of cert-manager", serve({ tls: { mode: "cert-manager", days: 30 }, validate: true })],
    [
      "an issuer of the user's",
      serve({ tls: { mode: "cert-manager", issuerRef: { name: "ca", kind: "ClusterIssuer" } } }),
    ],
    [
      "everything of the webhook",
      {
        ...serve({
          replicas: 3,
          webhook: {
            policy: "verify-only",
            deadline: "5s",
            rules: [{ name: "a", namespaces: ["shop"], policy: "background" }],
          },
          failurePolicy: "Fail",
          excludedNamespaces: ["apps", "kube-system"],
          namespaceSelector: {
            matchLabels: { a: "b" },
            matchExpressions: [{ key: "c", operator: "Exists" }],
          },
          objectSelector: { matchLabels: { a: "b" } },
          matchConditions: [{ name: "more", expression: "1 < 2 && true" }],
          watch: false,
          statusPage: {
            enabled: true,
            environment: "production",
            environments: {
              dev: { registry: "dev.example.com" },
              production: { registry: "prod.example.com", promotesFrom: ["dev"] },
            },
            modules: { shop: ["shop/*"] },
          },
          service: { annotations: { a: "b" } },
          ports: { webhook: 9443, http: 9080 },
          podDisruptionBudget: { enabled: false },
          networkPolicy: { enabled: true, egress: [{ ports: [{ port: 5000 }] }] },
          serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
          hostNetwork: true,
          topologySpreadConstraints: [{ maxSkew: 2 }],
          serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn" } },
          priorityClassName: "system-cluster-critical",
          terminationGracePeriodSeconds: 5,
          extraArgs: ["--at-once=4"],
        }),
        podAnnotations: { c: "d" },
        commonLabels: { team: "x" },
        copy: { createRepositories: true, repositorySettings: { scanOnPush: true } },
        caBundle: { configMap: "ca" },
        extraEnv: [{ name: "A", value: "b" }],
      },
    ],
    ["accounts of the user's", serve({ serviceAccount: { create: false }, rbac: { create: false } })],
    ["a webhook of a name with dots", { ...serve({}), fullnameOverride: `${"n.".repeat(30)}n` }],
    ["updates", { update: { enabled: true } }],
    [
      "updates of a route",
      { ...route, update: { enabled: true, clusterApplications: true, argocdNamespace: "cd" } },
    ],
    ["updates by a CronJob", { ...route, update: { enabled: true, schedule: "*/5 * * * *" } }],
    ["updates that are turned off", { enabled: false, update: { enabled: true } }],
    [
      "everything of updates",
      {
        registries: [{ host: "dev.example.com", insecure: true }],
        update: {
          enabled: true,
          every: "10m",
          image: { repository: "with-git", tag: "1", digest: `sha256:${"a".repeat(64)}` },
          clusterApplications: true,
          applications: [
            {
              name: "shop",
              repository: "https://git.example.com/deploy.git",
              images: [{ image: "prod.example.com/shop", constraint: "^1.4" }],
            },
          ],
          defaults: { strategy: "semver", pin: true },
          git: {
            author: { name: "<bot>", email: "bot@example.com" },
            credentials: [{ repository: "https://*", password: "file:/etc/image-promoter-git/token" }],
          },
          secret: "git",
          requestsPerSecond: 5,
          serviceAccount: { create: false, name: "updater" },
          rbac: { create: false },
          priorityClassName: "low",
          extraArgs: ["--at-once=2"],
        },
        image: { registry: "r.example.com", digest: `sha256:${"b".repeat(64)}` },
        caBundle: { secret: "ca" },
        extraVolumes: [{ name: "x", emptyDir: {} }],
        extraVolumeMounts: [{ name: "x", mountPath: "/x" }],
        podAnnotations: { a: "b" },
      },
    ],
  ];
}
