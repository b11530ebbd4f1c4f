import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chartValues } from "../../job/render/chart-values.ts";
import { cronJobName, fullname, jobName, serviceAccountName } from "../../job/render/names.ts";
import { anyReleaseName, anyValues } from "../chart/any-values.ts";

function release(name: string, values: object = {}) {
  return { name, values: chartValues(values) };
}

describe("names", () => {
  it.each([
    ["shop", {}, "shop-image-promoter"],
    ["image-promoter", {}, "image-promoter"],
    ["my-image-promoter-prod", {}, "my-image-promoter-prod"],
    ["shop", { nameOverride: "promotion" }, "shop-promotion"],
    ["shop", { fullnameOverride: "promote-shop" }, "promote-shop"],
    ["a".repeat(53), {}, `${"a".repeat(53)}-80a8fbf8`],
  ])("of the release %s with %j are %s", (name, values, expected) => {
    expect(fullname(release(name, values))).toBe(expected);
  });

  it("leave the account of the user's, or Kubernetes' own, its name", () => {
    expect(serviceAccountName(release("shop", { serviceAccount: { name: "x" } }))).toBe("x");
    expect(serviceAccountName(release("shop", { serviceAccount: { create: false } }))).toBe("default");
    expect(serviceAccountName(release("shop"))).toBe("shop-image-promoter");
  });

  it("are names that Kubernetes takes, and leave a CronJob's Jobs eleven characters", () => {
    fc.assert(
      fc.property(
        anyReleaseName,
        anyValues,
        fc.string(),
        (name, { nameOverride, fullnameOverride }, content) => {
          const of = release(name, { nameOverride, fullnameOverride });
          const dns = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
          for (const made of [fullname(of), cronJobName(of), jobName(of, [content])])
            expect(made).toMatch(dns);
          expect(fullname(of).length).toBeLessThanOrEqual(63);
          expect(jobName(of, [content]).length).toBeLessThanOrEqual(63);
          expect(cronJobName(of).length).toBeLessThanOrEqual(52);
        },
      ),
    );
  });

  it("keep long releases apart, and Jobs of other content", () => {
    const [a, b] = [release(`${"s".repeat(52)}a`), release(`${"s".repeat(52)}b`)];
    expect(fullname(a)).not.toBe(fullname(b));
    expect(cronJobName(a)).not.toBe(cronJobName(b));
    expect(jobName(a, ["x"])).not.toBe(jobName(b, ["x"]));
    expect(jobName(a, ["x"])).not.toBe(jobName(a, ["y"]));
    expect(jobName(a, ["x"])).toBe(jobName(a, ["x"]));
  });
});
