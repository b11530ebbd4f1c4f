import { createHash } from "node:crypto";
import type { TreeEntry } from "./branch-tree.ts";
import { gitError } from "./git-error.ts";
import type { GitEnded, GitRun } from "./git-program.ts";
import type { RepositoryAddress } from "./repository-address.ts";

/** Runs git in the folder of one repository. */
export type RunGit = (args: readonly string[], run?: Omit<GitRun, "folder" | "signal">) => Promise<GitEnded>;

/** A repository without files beside it: nothing is checked out, so no link, filter or line end can interfere. */
export interface BareRepository {
  readonly address: RepositoryAddress;
  readonly run: RunGit;
}

/** Files up to this size come with their commit; larger ones when they are read. */
const filter = "--filter=blob:limit=262144";

/**
 * Fetches a branch's newest commit, and what it holds.
 *
 * @param branch the repository's own (HEAD) when absent.
 * @returns its id; `undefined` when there is no such branch.
 */
export async function fetchBranch(
  { address, run }: BareRepository,
  branch: string | undefined,
): Promise<string | undefined> {
  const ref = branch === undefined ? "HEAD" : `refs/heads/${branch}`;
  const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=1", filter];
  // Several branches may be fetched at a time, each under its own name.
  const kept = `refs/promoter/fetched/${keptName(branch ?? "HEAD")}`;
  const ended = await run([...args, "origin", `+${ref}:${kept}`]);
  if (ended.exitCode === 0) return text(await must(run, ["rev-parse", "--verify", kept]));
  if (branch !== undefined && /couldn't find remote ref/i.test(ended.stderr)) return undefined;
  throw gitError("fetch", address, ended);
}

/** Not the branch's own name: `images` that was fetched before would be in the way of `images/api`. */
function keptName(branch: string): string {
  return createHash("sha256").update(branch).digest("hex");
}

/** The name of the branch that the repository's HEAD names. */
export async function defaultBranch({ address, run }: BareRepository): Promise<string> {
  const ended = await run(["ls-remote", "--symref", "origin", "HEAD"]);
  const name = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(text(ended))?.[1];
  if (ended.exitCode === 0 && name !== undefined) return name;
  throw gitError("find the branch that HEAD names in", address, ended);
}

/** Whether all that is new on `tip` since `base` was committed by `email`, as far as that can be told cheaply. */
export async function isOwnWork(
  { run }: BareRepository,
  { tip, base, email }: { readonly tip: string; readonly base: string; readonly email: string },
): Promise<boolean> {
  const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--depth=50", filter];
  const fetched = await run([...args, "origin", tip, base]);
  const listed = await run(["log", "--max-count=60", "--format=%ce", tip, `^${base}`]);
  if (fetched.exitCode !== 0 || listed.exitCode !== 0) return false;
  const committers = text(listed).split("\n");
  // Nothing new on it at all: it was merged.
  if (text(listed) === "") return true;
  return committers.length < 50 && committers.every((committer) => committer === email);
}

/** The files of a commit by their paths. */
export async function filesOf({ run }: BareRepository, commit: string): Promise<Map<string, TreeEntry>> {
  const { stdout } = await must(run, ["ls-tree", "-r", "-z", "--full-tree", commit]);
  const files = new Map<string, TreeEntry>();
  for (const line of stdout.toString("utf8").split("\0")) {
    const [mode = "", , object = ""] = line.slice(0, line.indexOf("\t")).split(" ");
    if (object !== "") files.set(line.slice(line.indexOf("\t") + 1), { mode, object });
  }
  return files;
}

export async function treeOf({ run }: BareRepository, commit: string): Promise<string> {
  return text(await must(run, ["rev-parse", `${commit}^{tree}`]));
}

/** Runs what needs nobody else; that it fails is nothing that users could mend. */
export async function must(
  run: RunGit,
  args: readonly string[],
  options?: Parameters<RunGit>[1],
): Promise<GitEnded> {
  const ended = await run(args, options);
  if (ended.exitCode === 0) return ended;
  throw new Error(`git ${args[0]} ended with ${ended.exitCode}: ${ended.stderr.slice(0, 500)}`);
}

/** What it printed, without the line's end. */
export function text({ stdout }: GitEnded): string {
  return stdout.toString("utf8").trim();
}
