import { describe, expect, it } from "vitest";
import type { EcrApi, RepositoryDescription } from "../../job/ecr/api.ts";
import { EcrInspector } from "../../job/ecr/inspection.ts";
import { EcrRepositories } from "../../job/ecr/repositories.ts";
import { denied, ecrHost, fakeClients } from "./fake-clients.ts";
import { ManualClock } from "./manual-clock.ts";

const host = ecrHost();
const day = 24 * 60 * 60_000;
const digest = `sha256:${"a".repeat(64)}`;

function setup(api: Partial<EcrApi>) {
  const clients = fakeClients(api);
  const clock = new ManualClock();
  const repositories = new EcrRepositories({ clients });
  return { inspector: new EcrInspector({ clients, repositories, clock }), clients, clock };
}

function described(mode: RepositoryDescription["mutability"]["mode"], exclusions: string[] = []) {
  return async (name: string): Promise<RepositoryDescription> => ({
    name,
    arn: "",
    mutability: { mode, exclusions },
    encryption: { type: "AES256" },
    scanOnPush: false,
  });
}

function policy(countType: string, countNumber: number): string {
  const selection = { tagStatus: "any", countType, countNumber };
  return JSON.stringify({ rules: [{ rulePriority: 3, selection, action: { type: "expire" } }] });
}

describe("inspectSource", () => {
  const image = { repository: "team/app", target: "v1" };

  it.each(["ARCHIVED", "ACTIVATING"] as const)("warns of an image that is %s", async (status) => {
    const { inspector } = setup({ describeImage: async () => ({ digest, tags: ["v1"], status }) });
    const { warnings, unknown } = await inspector.inspectSource(host, image);
    expect(warnings).toEqual([expect.stringContaining(`${host.host}/team/app:v1`)]);
    expect(unknown).toEqual([]);
  });

  it("gives the command that restores it", async () => {
    const { inspector } = setup({ describeImage: async () => ({ digest, tags: [], status: "ARCHIVED" }) });
    const { warnings } = await inspector.inspectSource(host, { repository: "team/app", target: digest });
    expect(warnings[0]).toContain(`/team/app@${digest} is archived`);
    expect(warnings[0]).toContain(
      `aws ecr update-image-storage-class --registry-id 111122223333 --region eu-west-1 --repository-name team/app --image-id imageDigest=${digest} --target-storage-class STANDARD`,
    );
  });

  it.each([{ digest, tags: [], status: "ACTIVE" } as const, undefined])(
    "is silent about %j",
    async (found) => {
      const { inspector } = setup({ describeImage: async () => found });
      expect(await inspector.inspectSource(host, image)).toEqual({ warnings: [], unknown: [] });
    },
  );

  it("does not know without the permission", async () => {
    const { inspector } = setup({});
    const { warnings, unknown } = await inspector.inspectSource(host, image);
    expect(warnings).toEqual([]);
    expect(unknown).toEqual(["Cannot tell whether the source is archived: Cannot call ECR: not authorized"]);
  });

  it("asks nothing of the public gallery", async () => {
    const { inspector, clients } = setup({});
    await inspector.inspectSource(ecrHost("public.ecr.aws"), image);
    expect(clients.calls).toEqual([]);
  });

  it("rejects when aborted", async () => {
    const controller = new AbortController();
    const { inspector } = setup({
      describeImage: async () => {
        controller.abort(new Error("enough"));
        throw denied();
      },
    });
    await expect(inspector.inspectSource(host, image, { signal: controller.signal })).rejects.toThrow(
      "enough",
    );
  });
});

describe("inspectRegistry", () => {
  it.each([
    ["ENABLED", 0],
    ["DISABLED", 1],
    [undefined, 1],
  ])("finds blob mounting %s: %d warnings", async (setting, count) => {
    const { inspector } = setup({
      callerAccount: async () => "111122223333",
      getAccountSetting: async () => setting,
    });
    const { warnings } = await inspector.inspectRegistry(host);
    expect(warnings).toHaveLength(count);
    for (const warning of warnings) {
      expect(warning).toContain(
        "aws ecr put-account-setting --region eu-west-1 --name BLOB_MOUNTING --value ENABLED",
      );
    }
  });

  it("does not take the setting of the caller's account for that of another", async () => {
    const { inspector, clients } = setup({
      callerAccount: async () => "444455556666",
      getAccountSetting: async () => "DISABLED",
    });
    const { warnings, unknown } = await inspector.inspectRegistry(host);
    expect(warnings).toEqual([]);
    expect(unknown).toEqual([expect.stringContaining("111122223333")]);
    expect(clients.calls).toEqual(["callerAccount"]);
  });
});

describe("inspectDestination", () => {
  const options = { repository: "team/app", image: { tags: ["v1"] }, hasSignatures: false };
  const noPolicy = { getLifecyclePolicy: async () => undefined };

  it("warns of immutable signature tags only where there are signatures", async () => {
    const { inspector } = setup({ ...noPolicy, describeRepository: described("IMMUTABLE") });
    expect((await inspector.inspectDestination(host, options)).warnings).toEqual([]);
    const { warnings } = await inspector.inspectDestination(host, { ...options, hasSignatures: true });
    expect(warnings).toEqual([expect.stringContaining("exclude sha256-*")]);
  });

  it("warns of what expires soon, and in a thorough look of what does later", async () => {
    const { inspector } = setup({
      getLifecyclePolicy: async (name) => policy("sinceImagePushed", name === "soon" ? 14 : 90),
      countImages: async () => 5,
    });
    const soon = await inspector.inspectDestination(host, { ...options, repository: "soon" });
    expect(soon.warnings).toEqual(["Lifecycle rule 3 expires this image in 14 days, even while it runs"]);
    const late = { ...options, repository: "late" };
    expect((await inspector.inspectDestination(host, late)).warnings).toEqual([]);
    expect((await inspector.inspectDestination(host, { ...late, thorough: true })).warnings).toHaveLength(1);
  });

  it("counts the age of an image that is there already from when it came", async () => {
    const { inspector, clock } = setup({
      getLifecyclePolicy: async () => policy("sinceImagePushed", 90),
      describeImage: async () => ({ digest, tags: [], status: "ACTIVE", pushedAt: clock.now() - 80 * day }),
    });
    const image = { tags: ["v1"], digest };
    const { warnings } = await inspector.inspectDestination(host, { ...options, image });
    expect(warnings).toEqual([
      "Lifecycle rule 3 expires this image in 10 days, even while it runs; a new tag has not made it younger",
    ]);
  });

  it("asks for a repository's policy once, a denial included", async () => {
    const { inspector, clients } = setup({});
    const all = await Promise.all([1, 2, 3].map(() => inspector.inspectDestination(host, options)));
    expect(all.map(({ unknown }) => unknown.length)).toEqual([1, 1, 1]);
    expect(clients.calls).toEqual(["getLifecyclePolicy team/app"]);
  });

  it("counts images in a thorough look only, and warns near the quota", async () => {
    const { inspector, clients } = setup({ ...noPolicy, countImages: async (_, limit) => limit });
    await inspector.inspectDestination(host, options);
    expect(clients.calls).not.toContain("countImages team/app");
    const { warnings } = await inspector.inspectDestination(host, { ...options, thorough: true });
    expect(warnings).toEqual([expect.stringContaining("at least 90,000 images")]);
  });

  it("says each thing that it may not ask, and keeps what it may", async () => {
    const { inspector } = setup({ describeRepository: described("IMMUTABLE") });
    const { warnings, unknown } = await inspector.inspectDestination(host, {
      ...options,
      hasSignatures: true,
      thorough: true,
    });
    expect(warnings).toHaveLength(1);
    expect(unknown.map((line) => line.split(":")[0])).toEqual([
      "Cannot tell when the image expires",
      "Cannot tell how many images there are",
    ]);
  });
});
