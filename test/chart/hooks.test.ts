import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderManifests } from "../../job/render/manifests.ts";
import { asDocuments } from "../../job/render/rendered-file.ts";
import { anyJobValues, anyReleaseName } from "./any-values.ts";
import { type ManifestObject, objectsOf, only } from "./helm.ts";

const base = {
  images: ["prod.example.com/app:1"],
  source: { registry: "dev.example.com" },
  destination: { registry: "prod.example.com" },
};
/** Rendered with a ConfigMap, so that everything is there that a Job can need. */
const whole = { ...base, registries: [{ host: "dev.example.com", insecure: true }] };

function render(values: object, name = "shop"): ManifestObject[] {
  return objectsOf(asDocuments(renderManifests(values, { name, namespace: "apps" })));
}

const hookKey = "argocd.argoproj.io/hook";
const policyKey = "argocd.argoproj.io/hook-delete-policy";
const waveKey = "argocd.argoproj.io/sync-wave";

/** What a Job cannot run, or not tell of its work, without. */
const prerequisites = ["ConfigMap", "Role", "RoleBinding", "ServiceAccount"];

interface JobSpec {
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds: number;
  readonly ttlSecondsAfterFinished?: number;
  readonly podFailurePolicy: { readonly rules: readonly Record<string, unknown>[] };
  readonly template: { readonly spec: Record<string, unknown> };
}

describe("hooks of Argo CD, phase PreSync", () => {
  const objects = render(whole);
  const job = only(objects, "Job");

  it("make the Job one, deleted before it is made anew and when the sync has ended well", () => {
    expect(job.metadata.annotations).toEqual({
      [hookKey]: "PreSync",
      [policyKey]: "BeforeHookCreation,HookSucceeded",
      [waveKey]: "-10",
    });
  });

  it.each(prerequisites)(
    "make the %s one of an earlier wave: ordinary objects come after PreSync",
    (kind) => {
      expect(only(objects, kind).metadata.annotations).toEqual({
        [hookKey]: "PreSync",
        // Not HookFailed and not HookSucceeded: a rerun by hand needs it after the sync, however that ended.
        [policyKey]: "BeforeHookCreation",
        [waveKey]: "-11",
      });
    },
  );

  it("leave the CronJob an ordinary object, so that a change of images is a difference", () => {
    expect(only(objects, "CronJob").metadata.annotations).toBeUndefined();
  });

  it("keep a Job that succeeded when asked to", () => {
    const kept = only(render({ ...base, hook: { deleteSucceeded: false } }), "Job");
    expect(kept.metadata.annotations).toMatchObject({ [policyKey]: "BeforeHookCreation" });
  });
});

describe("hooks of Argo CD, phase Sync", () => {
  const objects = render({ ...whole, hook: { phase: "Sync", wave: 3 } });

  it("leave what the Job needs ordinary objects of an earlier wave", () => {
    expect(only(objects, "Job").metadata.annotations).toMatchObject({ [hookKey]: "Sync", [waveKey]: "3" });
    for (const kind of prerequisites) {
      expect(only(objects, kind).metadata.annotations).toEqual({ [waveKey]: "2" });
    }
  });
});

describe("hooks of Helm", () => {
  const objects = render({ ...whole, hook: { engine: "helm" } });

  it("come before install and upgrade, what the Job needs before the Job", () => {
    expect(only(objects, "Job").metadata.annotations).toEqual({
      "helm.sh/hook": "pre-install,pre-upgrade",
      "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
      "helm.sh/hook-output-log-policy": "hook-succeeded,hook-failed",
      "helm.sh/hook-weight": "-10",
    });
    for (const kind of prerequisites) {
      expect(only(objects, kind).metadata.annotations).toEqual({
        "helm.sh/hook": "pre-install,pre-upgrade",
        "helm.sh/hook-delete-policy": "before-hook-creation",
        "helm.sh/hook-weight": "-11",
      });
    }
  });
});

it("has no annotations without an engine", () => {
  const objects = render({ ...whole, hook: { engine: "none" } });
  expect(objects.filter(({ metadata }) => metadata.annotations !== undefined)).toEqual([]);
});

it("leaves account and role to whoever has them", () => {
  const objects = render({
    ...base,
    serviceAccount: { create: false, name: "promoter" },
    rbac: { create: false },
  });
  expect(objects.map(({ kind }) => kind)).toEqual(["CronJob", "Job"]);
  const { spec } = (only(objects, "Job").spec as JobSpec).template;
  expect(spec).toMatchObject({ serviceAccountName: "promoter", automountServiceAccountToken: false });
});

it("lets pods create Events, and nothing else", () => {
  expect(only(render(base), "Role").rules).toEqual([
    { apiGroups: ["events.k8s.io"], resources: ["events"], verbs: ["create"] },
  ]);
});

describe("the Job", () => {
  const spec = only(render(base), "Job").spec as JobSpec;

  it("fails at once on our exit codes that do not change, and does not count evictions", () => {
    expect(spec.podFailurePolicy.rules).toEqual([
      { action: "FailJob", onExitCodes: { containerName: "promoter", operator: "In", values: [2, 4] } },
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ]);
    expect(spec.template.spec).toMatchObject({ restartPolicy: "Never", containers: [{ name: "promoter" }] });
  });

  it("passes the restricted Pod Security profile", () => {
    expect(spec.template.spec).toMatchObject({
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ["ALL"] },
            readOnlyRootFilesystem: true,
          },
        },
      ],
    });
    for (const field of ["hostNetwork", "hostPID", "hostIPC"])
      expect(spec.template.spec).not.toHaveProperty(field);
  });

  it("knows the Job that its Event is about without reading anything", () => {
    const [container] = spec.template.spec.containers as { env: { name: string; valueFrom?: unknown }[] }[];
    const field = (name: string) => container?.env.find((variable) => variable.name === name)?.valueFrom;
    expect(field("JOB_NAME")).toEqual({
      fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" },
    });
    expect(field("JOB_UID")).toEqual({
      fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" },
    });
  });
});

describe("for any values", () => {
  it("never mixes hooks of two kinds, never goes without a deadline, never deletes by time", () => {
    fc.assert(
      fc.property(anyJobValues, anyReleaseName, (values, name) => {
        const objects = render(values, name);
        for (const { metadata, kind, spec } of objects) {
          const keys = Object.keys(metadata.annotations ?? {});
          expect(
            keys.some((key) => key.startsWith("argocd.")) && keys.some((key) => key.startsWith("helm.")),
          ).toBe(false);
          if (kind !== "Job") continue;
          expect((spec as JobSpec).activeDeadlineSeconds).toBeGreaterThan(0);
          expect(spec).not.toHaveProperty("ttlSecondsAfterFinished");
          const policy = metadata.annotations?.[policyKey];
          if (metadata.annotations?.[hookKey] !== undefined)
            expect(policy).toMatch(/^BeforeHookCreation(,HookSucceeded)?$/);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("runs the same pod from the CronJob as from the Job", () => {
    fc.assert(
      fc.property(anyJobValues, anyReleaseName, (values, name) => {
        const objects = render(values, name);
        const cronJob = objects.find(({ kind }) => kind === "CronJob");
        if (cronJob === undefined) return;
        const { jobTemplate } = cronJob.spec as { jobTemplate: { spec: unknown } };
        expect(jobTemplate.spec).toEqual(only(objects, "Job").spec);
      }),
      { numRuns: 50 },
    );
  });
});
