import { describe, expect, it } from "vitest";
import type { EcrApi, RepositoryDescription } from "../../job/ecr/api.ts";
import { ecrWriter } from "../../job/ecr/ecr-writer.ts";
import { EcrRepositories } from "../../job/ecr/repositories.ts";
import { PromoterError } from "../../job/error.ts";
import { denied, ecrHost, fakeClients } from "./fake-clients.ts";
import { blob, manifest, noContent, recordingWriter } from "./recording-writer.ts";

const description: RepositoryDescription = {
  name: "team/app",
  arn: "arn:aws:ecr:eu-west-1:111122223333:repository/team/app",
  mutability: { mode: "IMMUTABLE_WITH_EXCLUSION", exclusions: ["sha256-*"] },
  encryption: { type: "AES256" },
  scanOnPush: false,
};

function setup(describeRepository: EcrApi["describeRepository"], host = ecrHost()) {
  const clients = fakeClients({ describeRepository });
  const recording = recordingWriter({ exists: () => true });
  const repositories = new EcrRepositories({ clients });
  return { writer: ecrWriter(recording.writer, { host, repositories }), clients, calls: recording.calls };
}

describe("ecrWriter", () => {
  it("knows which tags are immutable, by one call for all of them", async () => {
    const { writer, clients } = setup(async () => description);
    const answers = await Promise.all(["v1", "sha256-00ff", "v2"].map((tag) => writer.isImmutable?.(tag)));
    expect(answers).toEqual([true, false, true]);
    expect(await writer.exists?.()).toBe(true);
    expect(clients.calls).toEqual(["describeRepository team/app"]);
  });

  it("knows that a missing repository has no tag that could be immutable", async () => {
    const { writer } = setup(async () => undefined);
    expect(await writer.exists?.()).toBe(false);
    expect(await writer.isImmutable?.("v1")).toBe(false);
  });

  it("cannot know without the permission, and asks only once", async () => {
    const { writer, clients } = setup(async () => Promise.reject(denied()));
    expect(await writer.isImmutable?.("v1")).toBeUndefined();
    expect(await writer.isImmutable?.("v2")).toBeUndefined();
    expect(await writer.exists?.()).toBeUndefined();
    expect(clients.calls).toHaveLength(1);
  });

  it("does not take a failure for an answer, and asks again", async () => {
    const failures = [new PromoterError("Unavailable", "ECR is down", { temporary: true })];
    const { writer } = setup(async () => {
      const failure = failures.pop();
      if (failure) throw failure;
      return description;
    });
    await expect(writer.isImmutable?.("v1")).rejects.toMatchObject({ code: "Unavailable" });
    expect(await writer.isImmutable?.("v1")).toBe(true);
  });

  it("lets only blobs of committed manifests be mounted, and passes all else on", async () => {
    const { writer, calls } = setup(async () => description);
    expect(writer.mountableAfter).toBe("manifest");
    expect([writer.host, writer.repository]).toEqual([ecrHost().host, "team/app"]);
    await writer.resolve("v1");
    await writer.fetchManifest("v1");
    await writer.fetchBlob(blob);
    for await (const _ of writer.referrers(blob.digest));
    await writer.hasBlob(blob);
    await writer.pushBlob(blob, noContent);
    await writer.pushManifest(manifest, "v1");
    await writer.linkReferrers(blob.digest, []);
    expect(calls).toEqual([
      "resolve",
      "fetchManifest",
      "fetchBlob",
      "referrers",
      "hasBlob",
      "pushBlob",
      "pushManifest",
      "linkReferrers",
    ]);
  });

  it("refuses to push to the public gallery, and says where to push instead", async () => {
    const { writer, calls } = setup(async () => description, ecrHost("public.ecr.aws"));
    const refused = { code: "Unsupported", hint: expect.stringContaining("private registry") };
    await expect(writer.pushBlob(blob, noContent)).rejects.toMatchObject(refused);
    await expect(writer.pushManifest(manifest, "v1")).rejects.toMatchObject(refused);
    await expect(writer.exists?.()).rejects.toMatchObject(refused);
    expect(await writer.resolve("v1")).toEqual(manifest.descriptor);
    expect(calls).toEqual(["resolve"]);
  });
});
