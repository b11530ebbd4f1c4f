import * as fc from "fast-check";

export interface Parts {
  readonly text: fc.Arbitrary<string>;
  readonly word: fc.Arbitrary<string>;
  readonly objectName: fc.Arbitrary<string>;
  readonly texts: fc.Arbitrary<Record<string, string>>;
  readonly fields: fc.Arbitrary<Record<string, unknown>>;
}

const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape, { requiredKeys: [] });
const policy = fc.constantFrom("wait", "background", "verify-only", "rewrite");

/** Values of the service that answers the API server. */
export function anyServe({ text, word, objectName, texts, fields }: Parts) {
  const selector = some({
    matchLabels: texts,
    matchExpressions: fc.array(
      fc.record({ key: word, operator: fc.constant("In"), values: fc.array(word, { minLength: 1 }) }),
      { maxLength: 2 },
    ),
  });
  return some({
    enabled: fc.constantFrom(true, true, true, false),
    replicas: fc.integer({ min: 1, max: 9 }),
    webhook: some({
      policy,
      deadline: fc.constant("4s"),
      rules: fc.array(fc.record({ name: word, policy, images: fc.constant(["prod.example.com/*"]) }), {
        maxLength: 1,
      }),
    }),
    failurePolicy: fc.constantFrom("Ignore", "Fail"),
    timeoutSeconds: fc.integer({ min: 1, max: 30 }),
    workloads: fc.uniqueArray(fc.constantFrom("deployments", "rollouts", "jobs", "cronjobs")),
    validate: fc.boolean(),
    excludedNamespaces: fc.array(word, { maxLength: 2 }),
    namespaceSelector: selector,
    objectSelector: selector,
    matchConditions: fc.array(fc.record({ name: word, expression: text.filter(Boolean) }), { maxLength: 1 }),
    watch: fc.boolean(),
    tls: fc.oneof(
      some({ secret: word }),
      fc.record({ mode: fc.constant("secret"), secret: word, caBundle: text }),
      fc.record({ mode: fc.constant("cert-manager"), issuerRef: fields }),
    ),
    service: some({ annotations: texts }),
    ports: some({
      webhook: fc.integer({ min: 1024, max: 65_535 }),
      http: fc.integer({ min: 1024, max: 65_535 }),
    }),
    podDisruptionBudget: some({ enabled: fc.boolean() }),
    networkPolicy: some({ enabled: fc.boolean(), egress: fc.array(fields, { maxLength: 1 }) }),
    serviceMonitor: some({ enabled: fc.boolean(), labels: texts }),
    hostNetwork: fc.boolean(),
    topologySpreadConstraints: fc.array(fields, { maxLength: 1 }),
    serviceAccount: some({ create: fc.boolean(), name: objectName, annotations: texts }),
    rbac: some({ create: fc.boolean() }),
    resources: some({ requests: fields, limits: fields }),
    priorityClassName: text,
    terminationGracePeriodSeconds: fc.integer({ min: 1, max: 2_000_000 }),
    extraArgs: fc.array(text, { maxLength: 2 }),
  });
}

/** Values of the service that writes newer tags to git. */
export function anyUpdate({ text, word, objectName, texts, fields }: Parts) {
  return some({
    enabled: fc.constantFrom(true, true, true, false),
    schedule: fc.constantFrom("", "*/5 * * * *"),
    image: some({ repository: word, tag: word }),
    clusterApplications: fc.boolean(),
    argocdNamespace: word,
    applications: fc.array(
      fc.record({
        name: word,
        repository: text.filter(Boolean),
        images: fc.constant([{ image: "prod.example.com/shop", pin: true }]),
      }),
      { maxLength: 1 },
    ),
    defaults: some({ prerelease: fc.boolean() }),
    git: some({ author: fc.record({ name: text.filter(Boolean), email: fc.constant("a@example.com") }) }),
    secret: word,
    requestsPerSecond: fc.integer({ min: 1, max: 100 }),
    serviceAccount: some({ create: fc.boolean(), name: objectName, annotations: texts }),
    rbac: some({ create: fc.boolean() }),
    resources: some({ requests: fields, limits: fields }),
    priorityClassName: text,
    terminationGracePeriodSeconds: fc.integer({ min: 1, max: 2_000_000 }),
    extraArgs: fc.array(text, { maxLength: 2 }),
  });
}
