import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { admissionWorld, dev, prod } from "./admission-world.ts";
import { pod } from "./review.ts";

const app = `${prod}/app:1`;
const nothing = { ensured: [], looked: [], background: [] };
const denying = { onFailure: "deny" } as const;
const policy = "image-promoter.dev/policy";

describe("an admission", () => {
  it("leaves the namespaces alone that it must never stop", async () => {
    const { admit, calls } = admissionWorld({ [app]: "unknown" }, denying);
    expect(await admit({ object: pod([app]), namespace: "kube-system" })).toEqual({ allowed: true });
    expect(calls).toEqual(nothing);
  });

  it("leaves alone what a kubelet runs by itself, what is being deleted, and what is no pod", async () => {
    const { admit, calls } = admissionWorld({ [app]: "unknown" }, denying);
    const mirror = pod([app], { annotations: { "kubernetes.io/config.mirror": "a1" } });
    const leaving = { ...pod([app]), metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(await admit({ object: mirror })).toEqual({ allowed: true });
    expect(await admit({ object: leaving, operation: "UPDATE" })).toEqual({ allowed: true });
    expect(await admit({ object: pod([app]), operation: "DELETE" })).toEqual({ allowed: true });
    const kind = { group: "autoscaling", version: "v1", kind: "Scale" };
    expect(await admit({ object: { spec: { replicas: 3 } }, kind, subResource: "scale" })).toEqual({
      allowed: true,
    });
    expect(calls).toEqual(nothing);
  });

  it("asks about images that are new to a pod, not about those that run already", async () => {
    const { admit, calls } = admissionWorld({ [app]: "unknown" }, denying);
    const labelled = pod([app], { labels: { new: "label" } });
    expect(await admit({ object: labelled, oldObject: pod([app]), operation: "UPDATE" })).toEqual({
      allowed: true,
    });
    const debug = `${prod}/debug:1`;
    const oldObject = pod([app]);
    const object = {
      ...oldObject,
      spec: { ...oldObject.spec, ephemeralContainers: [{ name: "debug", image: debug }] },
    };
    const asked = { object, oldObject, operation: "UPDATE", subResource: "ephemeralcontainers" };
    expect(await admit(asked)).toMatchObject({ allowed: true, outcomes: ["promoted"] });
    expect(calls.ensured).toEqual([debug]);
  });

  it("asks nobody about images of elsewhere, nor about names that no node could pull", async () => {
    const { admit, calls } = admissionWorld({}, denying, {
      namespaceAnnotations: () => Promise.reject(new Error("asked")),
    });
    const images = ["nginx:1", "UPPER/case", "quay.io/x/y@sha256:12", `${prod}.example.org/app:1`];
    expect(await admit({ object: pod(images) })).toEqual({ allowed: true });
    expect(calls).toEqual(nothing);
  });

  it("asks once about an image that stands in several places", async () => {
    const { admit, calls } = admissionWorld();
    await admit({ object: pod([app, app, app]) });
    expect(calls.ensured).toEqual([app]);
  });

  it("heeds what is annotated: the pod's word before its namespace's, none before a rule that is final", async () => {
    const namespaceAnnotations = async (namespace: string) =>
      namespace === "shop" ? { [policy]: "off" } : {};
    const { admit } = admissionWorld({}, {}, { namespaceAnnotations });
    expect(await admit({ object: pod([app]) })).toMatchObject({ outcomes: ["left"] });
    expect(await admit({ object: pod([app]), namespace: "other" })).toMatchObject({ outcomes: ["promoted"] });
    const own = pod([app], { annotations: { [policy]: "verify-only" } });
    expect(await admit({ object: own })).toMatchObject({ outcomes: ["refused"] });

    const rule = { name: "all", policy: "verify-only", final: true } as const;
    const final = admissionWorld({}, { rules: [rule] }, { namespaceAnnotations });
    expect(await final.admit({ object: pod([app]) })).toMatchObject({ outcomes: ["refused"] });
    const deaf = admissionWorld({}, { annotations: "none" }, { namespaceAnnotations });
    expect(await deaf.admit({ object: own })).toMatchObject({ outcomes: ["promoted"] });
    const halfDeaf = admissionWorld({}, { annotations: "namespaces" }, { namespaceAnnotations });
    expect(await halfDeaf.admit({ object: own })).toMatchObject({ outcomes: ["left"] });
  });

  it("goes by the rules where a namespace cannot be asked, unless nothing may slip through", async () => {
    const namespaceAnnotations = () => Promise.reject(new PromoterError("Denied", "Not allowed"));
    const lenient = admissionWorld({}, {}, { namespaceAnnotations });
    expect(await lenient.admit({ object: pod([app]) })).toMatchObject({ outcomes: ["promoted"] });
    const severe = admissionWorld({}, denying, { namespaceAnnotations });
    expect(await severe.admit({ object: pod([app]) })).toMatchObject({ allowed: false, temporary: true });
  });

  it("follows what was configured when it meets what nobody expected", async () => {
    const odd = pod([app], { annotations: { [policy]: "perhaps" } });
    const message = `image-promoter: Cannot judge its images: The annotation ${policy} says "perhaps", which is no choice`;
    expect(await admissionWorld().admit({ object: odd })).toMatchObject({
      allowed: true,
      warnings: [message],
    });
    expect(await admissionWorld({}, denying).admit({ object: odd })).toMatchObject({
      allowed: false,
      message,
    });
    const many = pod(Array.from({ length: 251 }, (_, index) => `${prod}/app:${index}`));
    const flooded = admissionWorld({}, denying);
    expect(await flooded.admit({ object: many })).toMatchObject({ allowed: false });
    expect(flooded.calls).toEqual(nothing);
  });

  it("lets nobody past a final rule by an annotation that cannot be read, nor by many images", async () => {
    const rules = [{ name: "pay", policy: "verify-only", onFailure: "deny", final: true } as const];
    const { admit } = admissionWorld({}, { rules });
    const odd = pod([app], { annotations: { [policy]: "perhaps" } });
    expect(await admit({ object: odd })).toMatchObject({ allowed: false, outcomes: ["refused"] });
    const many = pod(Array.from({ length: 251 }, (_, index) => `${prod}/app:${index}`));
    expect(await admit({ object: many })).toMatchObject({ allowed: false });
  });

  it("goes by the rule's own word about failures, also about those that nobody expected", async () => {
    const rules = [
      { name: "pay", images: [`${prod}/pay`], policy: "verify-only", onFailure: "deny" } as const,
    ];
    const namespaceAnnotations = () => Promise.reject(new PromoterError("Denied", "Not allowed"));
    const pay = `${prod}/pay:1`;
    const fates = { [pay]: "present", [app]: "present" } as const;
    const blind = admissionWorld(fates, { rules }, { namespaceAnnotations });
    expect(await blind.admit({ object: pod([app, pay]) })).toMatchObject({
      allowed: false,
      temporary: true,
      outcomes: ["present", "refused"],
    });
    const odd = (image: string) => pod([image], { annotations: { [policy]: "perhaps" } });
    const { admit } = admissionWorld(fates, { rules });
    expect(await admit({ object: odd(pay) })).toMatchObject({ allowed: false });
    expect(await admit({ object: odd(app) })).toMatchObject({ allowed: true });
  });

  it("looks at what is created as if it were being deleted: the API server takes no heed of that", async () => {
    const { admit } = admissionWorld({ [app]: "unknown" }, denying);
    const object = { ...pod([app]), metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } };
    expect(await admit({ object })).toMatchObject({ allowed: false });
  });

  it("waits for no namespace any longer than for images", async () => {
    const namespaceAnnotations = () => new Promise<never>(() => {});
    const lenient = admissionWorld({ [app]: "present" }, {}, { namespaceAnnotations });
    expect(await lenient.admit({ object: pod([app]) })).toMatchObject({ allowed: true });
    const severe = admissionWorld({ [app]: "present" }, denying, { namespaceAnnotations });
    expect(await severe.admit({ object: pod([app]) })).toMatchObject({ allowed: false, temporary: true });
  });

  it("admits whatever is no pod with images of ours, however it is written", async () => {
    const { admit } = admissionWorld({}, denying);
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), async (value, before) => {
        const shapes = [
          value,
          { metadata: value, spec: value },
          { spec: { containers: value, volumes: value } },
        ];
        for (const shape of shapes) {
          const asked = { object: Object(shape), oldObject: Object(before), operation: "UPDATE" };
          expect(await admit(asked)).toMatchObject({ allowed: true });
        }
      }),
      { numRuns: 100 },
    );
  });

  it("leaves a trace in the audit log", async () => {
    const source = `${dev}/b:1`;
    const { admit } = admissionWorld();
    expect((await admit({ object: pod([app, source]) })).audit).toEqual({
      images: `${app}=promoted ${source}=left`,
    });
  });
});
