import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { ecrHostOf } from "../../job/ecr/registry-host.ts";
import { chartValues } from "../../job/render/chart-values.ts";
import {
  jobConfiguration,
  promotedImages,
  promoterImage,
  registryOf,
} from "../../job/render/job-settings.ts";
import { version } from "../../job/version.ts";

const account = "111122223333";

describe("registryOf", () => {
  it.each([
    "eu-west-1",
    "us-gov-west-1",
    "cn-northwest-1",
    "eusc-de-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "eu-isoe-west-1",
    "us-isof-south-1",
  ])("knows the registry of an account in %s", (region) => {
    const host = ecrHostOf(account, region);
    expect(host).toBeDefined();
    expect(registryOf(chartValues({ source: { account, region } }).source)).toBe(host);
  });

  it("puts the prefix behind each of several hosts", () => {
    const several = { registry: "a.example.com,b.example.com/x", account: "", region: "", prefix: "team" };
    expect(registryOf(several)).toBe("a.example.com/team,b.example.com/x/team");
  });

  it("puts the prefix behind the host, and prefers a host that is named", () => {
    const side = { registry: "r.example.com", account, region: "eu-west-1", prefix: "team/apps" };
    expect(registryOf(side)).toBe("r.example.com/team/apps");
    expect(registryOf({ ...side, registry: "", account: "", region: "" })).toBe("");
  });
});

describe("promoterImage", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  it.each([
    [{}, `argocd-image-promoter:${version}`],
    [{ registry: "r.example.com", repository: "p" }, `r.example.com/p:${version}`],
    [{ tag: "2" }, "argocd-image-promoter:2"],
    [{ digest }, `argocd-image-promoter@${digest}`],
    [{ tag: "2", digest }, `argocd-image-promoter:2@${digest}`],
  ])("of %j is %s", (image, reference) => {
    expect(promoterImage(chartValues({ image }))).toBe(reference);
  });

  it("comes from the registry of all charts where none is named", () => {
    const values = chartValues({ global: { imageRegistry: "g.example.com" }, image: { tag: "1" } });
    expect(promoterImage(values)).toBe("g.example.com/argocd-image-promoter:1");
  });
});

it("promotes each image once, and none when disabled", () => {
  const values = {
    images: ["a.example.com/b:1", "a.example.com/b:1"],
    global: { imagePromoter: { images: ["a.example.com/c:2"] } },
  };
  expect(promotedImages(chartValues(values))).toBe("a.example.com/b:1\na.example.com/c:2");
  expect(promotedImages(chartValues({ ...values, enabled: false }))).toBe("");
});

describe("jobConfiguration", () => {
  it("is empty where variables say it all", () => {
    expect(jobConfiguration(chartValues({ copy: { createRepositories: true } }))).toBe("");
    expect(jobConfiguration(chartValues({ copy: { repositorySettings: { scanOnPush: true } } }))).toBe("");
  });

  it("is a configuration that the Job reads", () => {
    const values = chartValues({
      routes: [{ to: "prod.example.com", from: ["staging.example.com", "dev.example.com"] }],
      registries: [{ host: "dev.example.com", insecure: true }],
      copy: { createRepositories: true, repositorySettings: { scanOnPush: true, tags: { team: "<a&b>" } } },
    });
    expect(loadConfiguration(jobConfiguration(values), "promoter.yaml")).toMatchObject({
      routes: values.routes,
      registries: values.registries,
      copy: { createRepositories: { scanOnPush: true, tags: { team: "<a&b>" } } },
    });
  });
});
