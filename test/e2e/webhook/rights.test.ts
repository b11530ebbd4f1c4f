import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useNamespace } from "../namespace.ts";
import { describeInCluster } from "../world.ts";
import { type LimitedServe, type Right, rightsOf, startWithout } from "./limited-serve.ts";
import { apply, podOf } from "./pods.ts";

/** Long enough for a certificate of a minute to be renewed: two thirds of it, and a while on this machine. */
const seconds = 90;

describeInCluster("each right of the webhook", (world) => {
  const namespace = useNamespace("webhook-rights");
  const apps = useNamespace("webhook-rights-apps");
  const rights = rightsOf();
  const started = new Map<Right | undefined, LimitedServe>();

  beforeAll(async () => {
    const all = [undefined, ...rights];
    const serves = await Promise.all(
      all.map((right, number) => startWithout(right, { world, namespace: namespace(), name: `r${number}` })),
    );
    for (const [number, right] of all.entries()) {
      const serve = serves[number];
      if (serve) started.set(right, serve);
    }
    // What they wait for is there for each: a request, and a pod that cannot pull.
    await Promise.all(serves.map((serve) => serve.asked(apps().name)));
    await Promise.all(
      serves.map(({ registry, name }) => apply(apps(), podOf(name, `${registry}/shop/web:1.4.2`))),
    );
  }, 180_000);
  afterAll(() => Promise.all([...started.values()].map((serve) => serve[Symbol.asyncDispose]())));

  it("is known", () => {
    expect(rights.map(({ verb, resource }) => `${verb} ${resource}`).sort()).toEqual([
      "create events",
      "create leases",
      "create secrets",
      "get leases",
      "get mutatingwebhookconfigurations",
      "get namespaces",
      "get secrets",
      "list mutatingwebhookconfigurations",
      "list pods",
      "list secrets",
      "patch mutatingwebhookconfigurations",
      "update leases",
      "update secrets",
      "watch mutatingwebhookconfigurations",
      "watch pods",
      "watch secrets",
    ]);
  });

  describe("is needed", () => {
    it.concurrent.each(rights)("$verb $resource", async (right) => {
      const serve = started.get(right);
      const refusal = `cannot ${right.verb} resource \\"${right.resource}\\"`;
      await expect
        .poll(() => serve?.stderr().includes(refusal), { timeout: seconds * 1_000, interval: 500 })
        .toBe(true);
    });
  });

  it("is all that it needs", async () => {
    const whole = started.get(undefined);
    await expect
      .poll(() => whole?.stderr(), { timeout: seconds * 1_000, interval: 500 })
      .toContain("The webhook serves its new certificate");
    expect(whole?.stderr()).toContain("Promoted an image that pods wait for");
    expect(whole?.stderr()).not.toContain("forbidden");
  }, 120_000);
});
