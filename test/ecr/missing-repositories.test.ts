import { describe, expect, it } from "vitest";
import type { EcrApi } from "../../job/ecr/api.ts";
import { createMissingRepositories } from "../../job/ecr/missing-repositories.ts";
import { EcrRepositories, type RepositoryCreation } from "../../job/ecr/repositories.ts";
import type { RepositorySettings } from "../../job/ecr/repository-settings.ts";
import { PromoterError } from "../../job/error.ts";
import { denied, ecrHost, fakeClients } from "./fake-clients.ts";
import { ManualClock } from "./manual-clock.ts";
import { blob, manifest, noContent, recordingWriter } from "./recording-writer.ts";

function setup(
  overrides: Partial<EcrApi> = {},
  settings: RepositorySettings = {},
  exists = false,
  visibleAfterTries = 0,
) {
  const state = { exists, tries: 0 };
  const recording = recordingWriter({
    exists: () => {
      if (state.exists) state.tries += 1;
      return state.exists && state.tries > visibleAfterTries;
    },
  });
  const clients = fakeClients({
    async createRepository() {
      state.exists = true;
      return "created";
    },
    ...overrides,
  });
  const created: RepositoryCreation[] = [];
  const repositories = new EcrRepositories({ clients, onCreated: (creation) => created.push(creation) });
  const clock = new ManualClock();
  const host = ecrHost();
  const open = () => createMissingRepositories(recording.writer, { host, repositories, settings, clock });
  return { writer: open(), open, calls: recording.calls, asked: clients.calls, created, clock, state };
}

describe("createMissingRepositories", () => {
  it("makes the repository when a push meets that it is missing, pushes again and tells of it", async () => {
    const { writer, calls, asked, created } = setup();
    expect(await writer.pushBlob(blob, noContent)).toBe("sent");
    expect(calls).toEqual(["pushBlob", "pushBlob"]);
    expect(asked).toEqual(["createRepository team/app"]);
    expect(created).toEqual([
      {
        host: "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        repository: "team/app",
        created: true,
        problems: [],
      },
    ]);
  });

  it.each(["pushManifest", "linkReferrers"] as const)("does so for %s", async (operation) => {
    const { writer, asked } = setup();
    if (operation === "pushManifest") await writer.pushManifest(manifest, "v1");
    else await writer.linkReferrers(blob.digest, [manifest.descriptor]);
    expect(asked).toEqual(["createRepository team/app"]);
  });

  it("makes it once for many pushes at the same time, through one writer or several", async () => {
    const { writer, open, asked, created } = setup();
    const writers = [writer, open(), writer, open()];
    await Promise.all(writers.map((each) => each.pushBlob(blob, noContent)));
    expect(asked).toEqual(["createRepository team/app"]);
    expect(created).toHaveLength(1);
  });

  it("leaves a repository alone that is there", async () => {
    const { writer, asked } = setup({}, {}, true);
    await writer.pushBlob(blob, noContent);
    await writer.pushManifest(manifest, "v1");
    expect(asked).toEqual([]);
  });

  it("reads a missing repository as one in which nothing is, and makes nothing for it", async () => {
    const { writer, asked } = setup();
    expect(await writer.resolve("v1")).toBeUndefined();
    expect(await writer.fetchManifest("v1")).toBeUndefined();
    expect(await writer.hasBlob(blob)).toBe(false);
    expect(asked).toEqual([]);
  });

  it("waits until the new repository is known everywhere", async () => {
    const { writer, clock, calls } = setup({}, {}, false, 2);
    const pushed = writer.pushBlob(blob, noContent);
    await clock.advance(5000);
    expect(await pushed).toBe("sent");
    expect(calls).toHaveLength(4);
  });

  it("takes a repository that somebody else made meanwhile, policies and all, as success", async () => {
    const { writer, asked, created, state } = setup(
      {
        async createRepository() {
          state.exists = true;
          return "existed";
        },
      },
      { lifecyclePolicy: "{}", repositoryPolicy: "{}" },
    );
    await writer.pushBlob(blob, noContent);
    expect(asked).toEqual(["createRepository team/app"]);
    expect(created).toMatchObject([{ created: false }]);
  });

  it("applies the policies to the new repository before anything is pushed", async () => {
    const applied: string[] = [];
    const { writer, calls } = setup(
      {
        async putLifecyclePolicy(_, policy) {
          applied.push(`${policy} after ${calls.length}`);
        },
        async setRepositoryPolicy(_, policy) {
          applied.push(`${policy} after ${calls.length}`);
        },
      },
      { lifecyclePolicy: "lifecycle", repositoryPolicy: "policy" },
    );
    await writer.pushBlob(blob, noContent);
    expect(applied).toEqual(["lifecycle after 1", "policy after 1"]);
  });

  it("goes on, and tells, when a policy is refused: the repository is closed without it", async () => {
    const { writer, created } = setup({}, { lifecyclePolicy: "{}" });
    expect(await writer.pushBlob(blob, noContent)).toBe("sent");
    expect(created[0]?.problems.map(({ code }) => code)).toEqual(["Denied"]);
  });

  it("fails with ECR's reason when the repository cannot be made, and tries again at the next push", async () => {
    let attempts = 0;
    const { writer, asked } = setup({
      async createRepository() {
        attempts += 1;
        throw denied();
      },
    });
    await expect(writer.pushBlob(blob, noContent)).rejects.toMatchObject({ code: "Denied" });
    await expect(writer.pushBlob(blob, noContent)).rejects.toMatchObject({ code: "Denied" });
    expect(attempts).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it("lets every other error pass", async () => {
    const { open, asked } = setup({}, {}, true);
    const failure = new PromoterError("DigestMismatch", "wrong bytes");
    const writer = open();
    const failing = createMissingRepositories(
      { ...writer, pushBlob: async () => Promise.reject(failure) },
      {
        host: ecrHost(),
        repositories: new EcrRepositories({ clients: fakeClients({}) }),
        settings: {},
        clock: new ManualClock(),
      },
    );
    await expect(failing.pushBlob(blob, noContent)).rejects.toBe(failure);
    expect(asked).toEqual([]);
  });
});
