import * as fc from "fast-check";
import { anyServe, anyUpdate } from "./any-services.ts";

/** Texts that leave their place, or change their kind, where they are not quoted. */
export const wickedTexts: readonly string[] = [
  '"}}\n- evil',
  "{{ .Values }}",
  "{{ fail `x` }}",
  "a: b",
  "- a",
  "# no comment",
  "yes",
  "NO",
  "on",
  "y",
  "null",
  "~",
  "0x10",
  "0o17",
  "017",
  "1e3",
  "12:30:45",
  "2026-11-21",
  ".5",
  "1_000",
  ".inf",
  "true",
  " leading",
  "trailing ",
  "\n\nlines\n",
  "\n---\nkind: Evil",
  "...",
  "tab\there",
  "'\"`\\",
  "<script>&amp;",
  "\u2028\u2029",
  "é中🚢",
  "!tag",
  "*alias",
  "&anchor",
  "|",
  ">",
  "%",
  "@",
  "?",
  "=",
  "<<",
  "$(POD_NAME)",
  "",
];

/** A text of what may stand in a YAML file: no control characters but tab and line feed. */
const text = fc.oneof(
  fc.constantFrom(...wickedTexts),
  fc.string({ unit: "grapheme" }).filter((candidate) => !/[^\P{C}\t\n]|\ufeff/u.test(candidate)),
);
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
/** Helm's own toYaml writes `<<` so that it is read as a merge, and JavaScript has its own mind about the other. */
export const isKey = (name: string): boolean => name !== "<<" && name !== "__proto__";
const key = text.filter(isKey);
const texts = fc.dictionary(key, text, { maxKeys: 3 });
const json = fc.letrec<{ value: unknown; fields: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.boolean(),
    fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
    fc.constantFrom(0.5, 1e21, 1e-7, 1234567.25),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    tie("fields"),
  ),
  fields: fc.dictionary(key, tie("value"), { maxKeys: 3 }),
}));
const { fields } = json;
const list = fc.array(fields, { maxLength: 2 });

const host = fc.constantFrom(
  "prod.example.com",
  "localhost:5000",
  "222222222222.dkr.ecr.eu-west-1.amazonaws.com",
);
const image = fc.oneof(
  fc.tuple(host, word, word).map(([registry, repository, tag]) => `${registry}/${repository}:${tag}`),
  fc
    .tuple(host, word)
    .map(([registry, repository]) => `${registry}/team/${repository}@sha256:${"ab".repeat(32)}`),
);
const side = fc.oneof(
  host.map((registry) => ({ registry })),
  fc.tuple(host, word).map(([registry, prefix]) => ({ registry, prefix })),
  fc
    .constantFrom(
      "eu-west-1",
      "cn-north-1",
      "us-gov-west-1",
      "eusc-de-east-1",
      "us-iso-east-1",
      "us-isob-east-1",
      "eu-isoe-west-1",
      "us-isof-south-1",
    )
    .map((region) => ({ account: "012345678901", region })),
);
const sources = fc.oneof(
  side,
  fc.tuple(host, host, word).map(([one, other, prefix]) => ({ registry: `${one},${other}/shared`, prefix })),
);

const objectName = fc.oneof(
  fc.constant(""),
  word,
  fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/).filter((name) => name.length <= 63),
);

/** An object that Kubernetes could have: Helm sorts by kind. */
const object = fc.tuple(word, fields).map(([name, data]) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
}));

const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape, { requiredKeys: [] });

/** What stands for a secret. */
const reference = fc.constantFrom(`\${env:TOKEN}`, "file:/var/run/<&>'\"/token", "https://example.com/a?b&c");

const promotion = {
  images: fc.array(image, { minLength: 0, maxLength: 4 }),
  global: some({
    imageRegistry: word,
    imagePromoter: fc.record({ images: fc.array(image, { maxLength: 2 }) }),
  }),
  registries: fc.array(fc.record({ host, insecure: fc.boolean() }), { maxLength: 2 }),
  copy: some({
    overwrite: fc.constantFrom("mutable", "never"),
    referrers: fc.constantFrom("all", "none", "required"),
    concurrency: fc.integer({ min: 1, max: 256 }),
    timeout: fc.constantFrom("", "30m", "1h30m"),
    createRepositories: fc.boolean(),
    repositorySettings: some({
      scanOnPush: fc.boolean(),
      lifecyclePolicy: fields,
      tags: fc.dictionary(word, word),
    }),
  }),
  gates: some({
    signature: fc.oneof(
      some({
        keys: fc.array(text.filter(Boolean), { maxLength: 2 }),
        configMap: word,
        key: word,
        identities: fc.array(
          fc.record({ issuer: fc.constant("https://issuer.example.com"), subject: text.filter(Boolean) }),
          { maxLength: 2 },
        ),
        trustedRoot: text,
      }),
      some({ secret: word, key: word }),
    ),
    scan: some({
      highest: fc.constantFrom("", "NONE", "MEDIUM", "CRITICAL"),
      ignore: fc.array(text.filter(Boolean), { maxLength: 2 }),
      wait: fc.constantFrom("", "10m"),
    }),
  }),
  attestation: fc.oneof(
    some({
      enabled: fc.boolean(),
      key: text,
      identity: text,
      application: some({ name: text, namespace: word, project: text, revision: text, repository: text }),
    }),
    some({ enabled: fc.boolean(), secret: word }),
  ),
  notify: some({
    secret: word,
    key: word,
    authorizationKey: word,
    format: fc.constantFrom("auto", "json", "slack"),
    when: fc.constantFrom("always", "changes", "failure"),
    targets: fc.array(
      some({
        format: fc.constantFrom("json", "slack"),
        headers: fc.dictionary(fc.constantFrom("authorization", "x-token"), reference),
      }).chain((target) => reference.map((url) => ({ ...target, url }))),
      { maxLength: 2 },
    ),
  }),
  strict: fc.boolean(),
  log: some({ level: fc.constantFrom("debug", "error"), format: fc.constantFrom("text", "json") }),
};

const identity = {
  image: some({
    registry: word,
    repository: word,
    tag: word,
    digest: fc.constantFrom("", `sha256:${"0f".repeat(32)}`),
  }),
  imagePullSecrets: fc.array(fc.record({ name: word }), { maxLength: 2 }),
  nameOverride: objectName,
  fullnameOverride: objectName,
  commonLabels: texts,
  serviceAccount: some({
    create: fc.boolean(),
    name: objectName,
    annotations: texts,
    labels: texts,
    automountServiceAccountToken: fc.boolean(),
  }),
  rbac: some({ create: fc.boolean() }),
  hook: some({
    engine: fc.constantFrom("argocd", "helm", "none"),
    phase: fc.constantFrom("PreSync", "Sync"),
    wave: fc.integer({ min: -100, max: 100 }),
    deleteSucceeded: fc.boolean(),
  }),
  job: some({
    backoffLimit: fc.integer({ min: 0, max: 10 }),
    activeDeadlineSeconds: fc.integer({ min: 1, max: 10_000_000 }),
    podFailurePolicy: fc.constant({ rules: [] }),
    annotations: texts,
    labels: texts,
  }),
  cronJob: some({ enabled: fc.boolean(), schedule: fc.constant("*/5 * * * *"), suspend: fc.boolean() }),
};

const pod = {
  podAnnotations: texts,
  podLabels: texts,
  podSecurityContext: fields,
  securityContext: fields,
  resources: some({ requests: fields, limits: fields }),
  nodeSelector: texts,
  tolerations: list,
  affinity: some({ nodeAffinity: fields }),
  topologySpreadConstraints: list,
  priorityClassName: text,
  terminationGracePeriodSeconds: fc.integer({ min: 0, max: 2_000_000 }),
  hostAliases: list,
  dnsConfig: fields,
  extraEnv: fc.array(fc.record({ name: word, value: text }), { maxLength: 3 }),
  extraEnvFrom: list,
  extraArgs: fc.array(text, { maxLength: 3 }),
  extraVolumes: list,
  extraVolumeMounts: list,
  proxy: some({ http: text, https: text, noProxy: text }),
  caBundle: fc.oneof(some({ configMap: word, key: word }), some({ secret: word })),
  extraObjects: fc.array(object, { maxLength: 2 }),
};

const parts = { text, word, objectName, texts, fields };
const services = { serve: anyServe(parts), update: anyUpdate(parts) };

/** Where images come from and go to, in one of the two ways. */
const way = fc.oneof(
  fc.record({ source: sources, destination: side }),
  fc.record({
    routes: fc.array(
      fc.record({ to: host, from: fc.oneof(host, fc.array(host, { minLength: 1, maxLength: 2 })) }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
);

/** Values of the chart as users write them: any of them left out, with texts that would like to be something else. */
export const anyValues = written({ ...promotion, ...identity, ...pod, ...services });

/** The same without services, which are no hooks. */
export const anyJobValues = written({ ...promotion, ...identity, ...pod });

function written<T extends object>(
  shape: {
    [K in keyof T]: fc.Arbitrary<T[K]>;
  },
): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .tuple(way, some(shape))
    .map(([ends, values]) => JSON.parse(JSON.stringify({ ...ends, ...values })));
}

/** Names that Helm takes for a release. */
export const anyReleaseName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "shop",
    "image-promoter",
    "my-image-promoter-prod",
    "a",
    "x.y.z",
    "s".repeat(53),
    `${"s".repeat(42)}-${"t".repeat(10)}`,
  ),
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$/),
);
