import { describe, expect, it } from "vitest";
import type { HookFinding } from "../../../job/render/hooks/finding.ts";
import { checkHooks } from "../../../job/render/hooks/hook-checks.ts";
import { renderManifests } from "../../../job/render/manifests.ts";

const registry = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";
const isRouted = (image: string) => image.startsWith(registry);
const check = (...documents: string[]) => checkHooks(documents.join("\n---\n"), "release.yaml", { isRouted });
const rules = (findings: readonly HookFinding[]) => findings.map(({ rule, object }) => `${rule}: ${object}`);

/** A Job of a hook with nothing wrong about it, to which a trap is added. */
function hookJob(
  options: { name?: string; meta?: string; annotations?: string[]; spec?: string; pod?: string } = {},
) {
  const { name = "name: migrate", meta = "", annotations = ["argocd.argoproj.io/hook: PreSync"] } = options;
  const { spec = "activeDeadlineSeconds: 600", pod = "" } = options;
  return `apiVersion: batch/v1
kind: Job
metadata: {${name}, ${meta} annotations: {${annotations.join(", ")}}}
spec:
  ${spec}
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: docker.io/library/busybox}]
      ${pod}
`;
}

/** The promotion's own Job. */
function promoter(images: string, options: { annotations?: string[]; spec?: string; pod?: string } = {}) {
  const { annotations = ["argocd.argoproj.io/hook: PreSync", "argocd.argoproj.io/sync-wave: '-10'"] } =
    options;
  const policy =
    "podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [2, 4]}}]}";
  const { spec = policy, pod = "restartPolicy: Never" } = options;
  return `apiVersion: batch/v1
kind: Job
metadata: {name: image-promoter, annotations: {${annotations.join(", ")}}}
spec:
  activeDeadlineSeconds: 600
  ${spec}
  template:
    spec:
      ${pod}
      containers:
        - name: promoter
          image: example.com/image-promoter:1
          args: [promote]
          env: [{name: PROMOTER_IMAGES, value: "${images}"}]
`;
}

const deployment = (image: string, extra = "") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web${extra}}
spec: {template: {spec: {containers: [{name: web, image: "${image}"}]}}}
`;

const account = (annotations = "") =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, annotations: {${annotations}}}\n`;
const usesAccount = "serviceAccountName: runner";

/** The smallest manifests that show each trap. */
const traps: readonly [trap: string, manifests: readonly string[], rules: readonly string[]][] = [
  [
    "an account that comes with the sync, after the hook",
    [account(), hookJob({ pod: usesAccount })],
    ["comes-later: Job migrate"],
  ],
  [
    "an account of a later wave of the same phase",
    [
      account("argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: '1'"),
      hookJob({ pod: usesAccount }),
    ],
    ["comes-later: Job migrate"],
  ],
  [
    "a wave, however early, of an object that is no hook",
    [account("argocd.argoproj.io/sync-wave: '-100'"), hookJob({ pod: usesAccount })],
    ["comes-later: Job migrate"],
  ],
  [
    "a ConfigMap that is mounted",
    [
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
      hookJob({ pod: "volumes: [{name: v, configMap: {name: settings}}]" }),
    ],
    ["comes-later: Job migrate"],
  ],
  [
    "a Secret of a projected volume",
    [
      "apiVersion: v1\nkind: Secret\nmetadata: {name: token}\n",
      hookJob({ pod: "volumes: [{name: v, projected: {sources: [{secret: {name: token}}]}}]" }),
    ],
    ["comes-later: Job migrate"],
  ],
  [
    "a Secret for pulling",
    [
      "apiVersion: v1\nkind: Secret\nmetadata: {name: pull}\n",
      hookJob({ pod: "imagePullSecrets: [{name: pull}]" }),
    ],
    ["comes-later: Job migrate"],
  ],
  [
    "an account of Helm's ordinary objects",
    [account(), hookJob({ annotations: ["helm.sh/hook: 'pre-install,pre-upgrade'"], pod: usesAccount })],
    ["comes-later: Job migrate"],
  ],
  [
    "rights that come with the sync",
    [
      account("argocd.argoproj.io/hook: PreSync"),
      "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: events}\n",
      `apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: events}
roleRef: {kind: Role, name: events}
subjects: [{kind: ServiceAccount, name: runner}]
`,
      hookJob({ pod: usesAccount }),
    ],
    ["rights-come-later: Job migrate"],
  ],
  [
    "an account that each sync replaces under a workload",
    [
      account("argocd.argoproj.io/hook: PreSync"),
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {serviceAccountName: runner}}}\n",
    ],
    ["account-is-replaced: ServiceAccount runner"],
  ],
  ["a Job without a deadline", [hookJob({ spec: "backoffLimit: 1" })], ["no-deadline: Job migrate"]],
  [
    "a Pod without a deadline",
    [
      "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {argocd.argoproj.io/hook: PreSync}}\nspec: {}\n",
    ],
    ["no-deadline: Pod p"],
  ],
  [
    "HookSucceeded alone",
    [
      hookJob({
        annotations: [
          "argocd.argoproj.io/hook: PreSync",
          "argocd.argoproj.io/hook-delete-policy: HookSucceeded",
        ],
      }),
    ],
    ["failed-job-stays: Job migrate"],
  ],
  [
    "hook-succeeded alone, in Helm's words",
    [hookJob({ annotations: ["helm.sh/hook: pre-upgrade", "helm.sh/hook-delete-policy: hook-succeeded"] })],
    ["failed-job-stays: Job migrate"],
  ],
  [
    "a time to live",
    [hookJob({ spec: "activeDeadlineSeconds: 600\n  ttlSecondsAfterFinished: 0" })],
    ["short-ttl: Job migrate"],
  ],
  [
    "a name of 64 characters",
    [hookJob({ name: `name: ${"a".repeat(64)}` })],
    [`name-too-long: Job ${"a".repeat(64)}`],
  ],
  [
    "a CronJob's name of 53 characters",
    [`apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: ${"a".repeat(53)}}\n`],
    [`name-too-long: CronJob ${"a".repeat(53)}`],
  ],
  [
    "a generated name, of 38 characters and more when it is done",
    [hookJob({ name: `generateName: ${"a".repeat(38)}` })],
    [`name-too-long: Job ${"a".repeat(38)}*`, `generated-name: Job ${"a".repeat(38)}*`],
  ],
  ["a generated name", [hookJob({ name: "generateName: migrate-" })], ["generated-name: Job migrate-*"]],
  [
    "two hooks of one name",
    [hookJob(), hookJob({ annotations: ["argocd.argoproj.io/hook: PostSync"] })],
    ["name-collision: Job migrate"],
  ],
  [
    "two hooks of one generated name in one phase",
    [hookJob({ name: "generateName: m-" }), hookJob({ name: "generateName: m-" })],
    ["generated-name: Job m-*", "generated-name: Job m-*", "name-collision: Job m-*"],
  ],
  [
    "annotations of Argo CD and Helm that differ",
    [
      hookJob({
        annotations: [
          "argocd.argoproj.io/hook: PreSync",
          "argocd.argoproj.io/hook-delete-policy: BeforeHookCreation",
          "helm.sh/hook: pre-upgrade",
          "helm.sh/hook-delete-policy: hook-succeeded",
        ],
      }),
    ],
    ["mixed-annotations: Job migrate"],
  ],
  [
    "retries that cannot help",
    [promoter(`${registry}/web:1`, { spec: "backoffLimit: 2" }), deployment(`${registry}/web:1`)],
    ["retries-in-vain: Job image-promoter"],
  ],
  [
    "restartPolicy OnFailure beside a podFailurePolicy",
    [promoter(`${registry}/web:1`, { pod: "restartPolicy: OnFailure" }), deployment(`${registry}/web:1`)],
    ["restart-policy: Job image-promoter"],
  ],
  [
    "an image that the Job does not list",
    [promoter(`${registry}/web:1`), deployment(`${registry}/web:1`), deployment(`${registry}/api:1`, "-2")],
    ["images-not-promoted: Job image-promoter"],
  ],
  [
    "a replacement that read the image before the overlay changed it",
    [promoter(`${registry}/web:1`), deployment(`${registry}/web:2`)],
    ["images-not-promoted: Job image-promoter", "images-not-used: Job image-promoter"],
  ],
  [
    "a list that nothing has replaced",
    [promoter("Replaced by kustomize: 0"), deployment(`${registry}/web:1`)],
    ["images-not-promoted: Job image-promoter"],
  ],
  [
    "a Job of the workloads' own wave",
    [
      promoter(`${registry}/web:1`, { annotations: ["argocd.argoproj.io/hook: Sync"] }),
      deployment(`${registry}/web:1`),
    ],
    ["promoted-too-late: Job image-promoter"],
  ],
  [
    "a Job that is no hook",
    [promoter(`${registry}/web:1`, { annotations: [] }), deployment(`${registry}/web:1`)],
    ["promoted-too-late: Job image-promoter"],
  ],
  [
    "another hook that runs a promoted image earlier",
    [
      promoter(`${registry}/web:1`, { annotations: ["argocd.argoproj.io/hook: PreSync"] }),
      hookJob({
        annotations: ["argocd.argoproj.io/hook: PreSync", "argocd.argoproj.io/sync-wave: '-1'"],
        pod: `initContainers: [{name: m, image: "${registry}/web:1"}]`,
      }),
      deployment(`${registry}/web:1`),
    ],
    ["promoted-too-late: Job image-promoter"],
  ],
];

describe("checkHooks", () => {
  it.each(traps)("finds %s", (_trap, manifests, expected) => {
    expect(rules(check(...manifests))).toEqual(expected);
  });

  /** What looks like a trap and is none. */
  it.each<[string, readonly string[]]>([
    ["a hook with all that it needs", [hookJob()]],
    ["an account that is there already", [hookJob({ pod: usesAccount })]],
    [
      "an account of an earlier wave",
      [
        account("argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: '-1'"),
        hookJob({ pod: usesAccount }),
      ],
    ],
    [
      "an account of the same wave, which is applied before Jobs",
      [account("argocd.argoproj.io/hook: PreSync"), hookJob({ pod: usesAccount })],
    ],
    [
      "an account of another namespace",
      [
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: runner, namespace: other}\n",
        hookJob({ meta: "namespace: shop,", pod: usesAccount }),
      ],
    ],
    ["every namespace's own account", [hookJob({ pod: "serviceAccountName: default" })]],
    [
      "a ConfigMap that may be missing",
      [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
        hookJob({ pod: "volumes: [{name: v, configMap: {name: settings, optional: true}}]" }),
      ],
    ],
    [
      "a Job of the Sync phase behind an account of an earlier wave",
      [
        account("argocd.argoproj.io/sync-wave: '-6'"),
        hookJob({
          annotations: ["argocd.argoproj.io/hook: Sync", "argocd.argoproj.io/sync-wave: '-5'"],
          pod: usesAccount,
        }),
      ],
    ],
    ["a Job that no hook runs", [hookJob({ annotations: [], spec: "ttlSecondsAfterFinished: 5" })]],
    [
      "a test of Helm, which Argo CD leaves alone",
      [hookJob({ annotations: ["helm.sh/hook: test"], spec: "backoffLimit: 0" })],
    ],
    [
      "annotations of both that agree",
      [hookJob({ annotations: ["argocd.argoproj.io/hook: PreSync", "helm.sh/hook: pre-install"] })],
    ],
    [
      "a Job that covers every routed image",
      [promoter(`${registry}/web:1`), deployment(`${registry}/web:1`)],
    ],
    [
      "an image that no route leads to",
      [promoter(`${registry}/web:1`), deployment("docker.io/library/nginx")],
    ],
    [
      "a Job whose list stands elsewhere",
      [
        promoter("").replace(/env:.*/, "env: [{name: PROMOTER_IMAGES_FILE, value: /images}]"),
        deployment(`${registry}/web:1`),
      ],
    ],
  ])("leaves alone %s", (_what, manifests) => {
    expect(check(...manifests)).toEqual([]);
  });

  it("names the object, its place, what is wrong and what to do", () => {
    const [finding] = check(account(), hookJob({ pod: usesAccount }));
    expect(finding).toEqual({
      rule: "comes-later",
      status: "failed",
      object: "Job migrate",
      place: "release.yaml:6:1",
      message:
        "it runs in PreSync, wave 0, but its ServiceAccount runner comes in Sync, wave 0 (release.yaml:1:1): the first sync hangs",
      hint: expect.stringContaining("Make the ServiceAccount a hook of the same phase and an earlier wave"),
    });
  });

  it("says which image the Job has instead, and where the replacement belongs", () => {
    const [finding] = check(promoter(`${registry}/web:1`), deployment(`${registry}/web:2`));
    expect(finding?.message).toContain(`does not promote ${registry}/web:2, only ${registry}/web:1`);
    expect(finding?.hint).toContain("not into a Component");
  });

  it.each([
    ["a base that names no registry", "shop/web", "not into a Component"],
    ["replacements that nobody included", "Replaced by kustomize: 0", "replacements: [{path: FOLDER"],
    ["a Job that was rendered for less", `${registry}/api:1`, "render it again"],
  ])("says what to do about %s", (_what, listed, hint) => {
    const release = [promoter(listed), deployment(`${registry}/web:2`)];
    if (listed === `${registry}/api:1`) release.push(deployment(listed));
    const finding = check(...release).find(({ rule }) => rule === "images-not-promoted");
    expect(finding?.hint).toContain(hint);
  });

  it("looks into Lists", () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${hookJob({ spec: "backoffLimit: 1" }).replaceAll("\n", "\n    ")}`;
    expect(check(list)).toMatchObject([{ rule: "no-deadline", place: "release.yaml:4:5" }]);
  });

  it("reads images of the Job's arguments, as the program does", () => {
    const args = promoter("").replace(
      "args: [promote]",
      `args: [promote, --strict, "${registry}/web:1", --config, a/b, "--to=${registry}", "${registry}/api"]`,
    );
    expect(
      rules(check(args, deployment(`${registry}/web:1`), deployment(`${registry}/api:latest`, "-2"))),
    ).toEqual([]);
  });

  it("follows anchors and merges", () => {
    const merged = hookJob({ spec: "<<: {activeDeadlineSeconds: 600}" });
    expect(check(merged)).toEqual([]);
  });

  it.each<[string, object]>([
    ["PreSync", {}],
    ["Sync", { hook: { phase: "Sync" } }],
    ["Helm", { hook: { engine: "helm" } }],
  ])("finds nothing in what we render ourselves as a hook of %s", (_hook, values) => {
    const files = renderManifests(
      {
        images: [`${registry}/web:1`],
        source: { registry: "dev.example.com" },
        destination: { registry },
        registries: [{ host: registry, insecure: true }],
        ...values,
      },
      { name: "shop" },
    );
    expect(check(...files.map(({ content }) => content), deployment(`${registry}/web:1`))).toEqual([]);
  });

  it("refuses what is no YAML, with the place", () => {
    expect(() => check("a: [")).toThrow(expect.objectContaining({ code: "InvalidInput" }));
  });
});
