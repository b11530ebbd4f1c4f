import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { chartValues, defaultChartValues } from "../../job/render/chart-values.ts";

function failure(values: unknown): PromoterError {
  try {
    chartValues(values);
  } catch (error) {
    if (error instanceof PromoterError) return error;
  }
  throw new Error("Nothing was refused");
}

describe("chartValues", () => {
  it("fills in the defaults", () => {
    expect(chartValues({})).toEqual(defaultChartValues());
    expect(chartValues({ job: { backoffLimit: 0 } }).job).toMatchObject({
      backoffLimit: 0,
      activeDeadlineSeconds: 1800,
    });
  });

  it("merges into free fields, as Helm does", () => {
    const { podSecurityContext } = chartValues({ podSecurityContext: { runAsUser: null, fsGroup: 1 } });
    expect(podSecurityContext).toEqual({
      runAsNonRoot: true,
      runAsGroup: 65532,
      seccompProfile: { type: "RuntimeDefault" },
      fsGroup: 1,
    });
  });

  it.each([
    [{ job: { backoffLimit: "3" } }, "values: job.backoffLimit: Expected a number"],
    [{ hook: { engine: "flux" } }, "values: hook.engine: Expected argocd or helm or none"],
    [
      { job: { backofLimit: 1 } },
      'values: job.backofLimit: Unknown field "backofLimit", did you mean "backoffLimit"?',
    ],
    [{ job: { activeDeadlineSeconds: null } }, 'values: job: The field "activeDeadlineSeconds" is missing'],
    [
      { source: { account: "12", region: "eu-west-1" } },
      "values: source.account: An account is twelve digits, in quotes",
    ],
    [{ source: { account: "111111111111" } }, "values: source: account and region belong together"],
    [
      { caBundle: { secret: "a", configMap: "b" } },
      "values: caBundle: configMap and secret exclude each other",
    ],
    [
      { images: ["a b"] },
      "values: images.0: An image is written HOST/REPOSITORY:TAG, HOST/REPOSITORY@DIGEST",
    ],
    [
      { copy: { repositorySettings: { encryption: { type: "AES256", kmsKey: "k" } } } },
      "values: copy.repositorySettings.encryption.kmsKey: A key needs the type KMS or KMS_DSSE",
    ],
    ["text", "values: Expected fields"],
  ])("refuses %j", (values, message) => {
    expect(failure(values)).toMatchObject({ code: "InvalidConfiguration", message });
  });

  it("names everything that is wrong at once", () => {
    const { message } = failure({ job: { backoffLimit: -1 }, strict: "yes" });
    expect(message.split("\n")).toHaveLength(2);
  });
});
