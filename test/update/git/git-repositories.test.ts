import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../job/async/clock.ts";
import { silentLog } from "../../../job/log.ts";
import type { ChangeSet, FileTree, GitBranch } from "../../../job/update/application.ts";
import { type GitOptions, openGitRepositories } from "../../../job/update/git/git-repositories.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";
import { startGitServer } from "./git-server.ts";

const author = { name: "Promoter", email: "promoter@example.com" };
const fast = {
  ...systemClock,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal),
};

let temporaryFolder: string;
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), "git-test-"));
});
afterEach(async () => {
  // Whatever was kept is gone by now.
  expect(await readdir(temporaryFolder)).toEqual([]);
  await rm(temporaryFolder, { recursive: true });
});

function open(options: Partial<GitOptions> = {}) {
  return openGitRepositories({
    env: { PATH: process.env.PATH },
    clock: fast,
    log: silentLog,
    temporaryFolder,
    access: async () => undefined,
    commits: { author, signOff: false },
    ...options,
  });
}

const image = "registry.example.com/shop/api";

/** Sets a tag in `values.yaml`, or another file. */
function setTag(tag: string, branch: GitBranch, path = "values.yaml") {
  return async (tree: FileTree): Promise<ChangeSet> => {
    const target = { kind: "values", path, fields: { tag: "tag" } } as const;
    const before = await targetWriter.current(tree, target);
    const edits = await targetWriter.write(tree, target, { name: image, tag });
    const change = {
      application: "shop",
      alias: "api",
      image,
      from: { tag: before?.tag ?? "" },
      to: { tag },
      edits,
    };
    return { ...branch, changes: edits.length === 0 ? [] : [change] };
  };
}

const options = () => ({ dryRun: false, signal: AbortSignal.timeout(170_000) });

describe("changing a branch", () => {
  it("pushes one commit, whose files differ by the value alone", async () => {
    const values = "\uFEFF# ours\r\ntag: '1.4.2'   # now\r\n";
    await using server = await startGitServer({ "values.yaml": values, "deep/b.txt": "b" });
    await using git = open();
    const branch = { repository: server.address };

    const outcome = await git.change(branch, setTag("1.5.0", branch), options());

    expect(outcome).toMatchObject({ status: "pushed", branch: "main" });
    expect(await server.git("rev-parse", "main")).toBe(outcome.commit);
    expect(await server.file("values.yaml")).toBe(values.replace("1.4.2", "1.5.0"));
    expect(await server.git("diff", "--numstat", "main~1", "main")).toBe("1\t1\tvalues.yaml");
    expect(await server.git("log", "-1", "--format=%an <%ae>|%cn <%ce>|%B", "main")).toBe(
      "Promoter <promoter@example.com>|Promoter <promoter@example.com>|Update api from 1.4.2 to 1.5.0\n\n- shop: registry.example.com/shop/api 1.4.2 -> 1.5.0",
    );
    expect(await server.git("fsck", "--strict")).toBe("");
    const again = await git.change(branch, setTag("1.5.0", branch), options());
    expect(again).toEqual({ status: "unchanged", branch: "main" });
    expect(await server.git("rev-list", "--count", "main")).toBe("2");
  });

  it("pushes nothing when it is tried out", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = { repository: server.address, branch: "main" };
    const outcome = await git.change(branch, setTag("b", branch), { ...options(), dryRun: true });
    expect(outcome).toEqual({ status: "planned", branch: "main" });
    expect(await server.git("rev-list", "--all", "--count")).toBe("1");
  });

  it("gets through beside nine others who push at the same time", { timeout: 180_000 }, async () => {
    const writers = Array.from({ length: 10 }, (_, number) => `w${number}.yaml`);
    const files = Object.fromEntries(writers.map((path) => [path, "tag: old # keep\n"]));
    await using server = await startGitServer({ ...files, "values.yaml": "tag: a\n" });
    const outcomes = await Promise.all(
      writers.map(async (path) => {
        await using git = open({ clock: systemClock });
        const branch = { repository: server.address, branch: "main" };
        return await git.change(branch, setTag("new", branch, path), options());
      }),
    );
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["pushed"]));
    // Every commit has one parent and one file: nobody's work was lost or done twice.
    expect(await server.git("rev-list", "--count", "main")).toBe("11");
    expect(await server.git("rev-list", "--merges", "--count", "main")).toBe("0");
    for (const path of writers) expect(await server.file(path)).toBe("tag: new # keep\n");
    for (const { commit = "" } of outcomes) {
      expect(await server.git("diff", "--numstat", `${commit}~1`, commit)).toMatch(/^1\t1\tw\d\.yaml$/);
    }
  });

  it("decides anew when somebody pushed meanwhile", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = { repository: server.address, branch: "main" };
    const seen: (string | undefined)[] = [];
    const outcome = await git.change(
      branch,
      async (tree) => {
        seen.push(await tree.read("values.yaml"));
        if (seen.length === 1) await server.commit({ "values.yaml": "# moved\n\ntag: x\n" });
        return setTag("b", branch)(tree);
      },
      options(),
    );
    expect(outcome.status).toBe("pushed");
    expect(seen).toEqual(["tag: a\n", "# moved\n\ntag: x\n"]);
    expect(await server.file("values.yaml")).toBe("# moved\n\ntag: b\n");
  });
});
