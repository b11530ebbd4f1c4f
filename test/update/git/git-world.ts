import process from "node:process";
import { systemClock } from "../../../job/async/clock.ts";
import { silentLog } from "../../../job/log.ts";
import type { ChangeSet, FileTree, GitBranch, GitRepositories } from "../../../job/update/application.ts";
import { type GitOptions, openGitRepositories } from "../../../job/update/git/git-repositories.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";

export const author = { name: "Promoter", email: "promoter@example.com" };

/** Repositories as a user without settings has them; waits between races are short. */
export function openGit(temporaryFolder: string, options: Partial<GitOptions> = {}): GitRepositories {
  const sleep = (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 10, signal);
  return openGitRepositories({
    env: { PATH: process.env.PATH },
    clock: { ...systemClock, sleep },
    log: silentLog,
    temporaryFolder,
    access: async () => undefined,
    commits: { author, signOff: false },
    ...options,
  });
}

/** Sets `tag` of a file of values. */
export function setTag(tag: string, branch: GitBranch, path = "values.yaml") {
  return async (tree: FileTree): Promise<ChangeSet> => {
    const target = { kind: "values", path, fields: { tag: "tag" } } as const;
    const before = await targetWriter.current(tree, target);
    const image = "registry.example.com/shop/api";
    const edits = await targetWriter.write(tree, target, { name: image, tag });
    const from = { tag: before?.tag ?? "" };
    const change = { application: "shop", alias: "api", image, from, to: { tag }, edits };
    return { ...branch, changes: edits.length === 0 ? [] : [change] };
  };
}

/** How a change is asked for. */
export function inEarnest() {
  return { dryRun: false, signal: AbortSignal.timeout(170_000) };
}
