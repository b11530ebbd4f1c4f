import type { Clock } from "../../async/clock.ts";
import { backoffMs } from "../../async/retry.ts";
import { PromoterError } from "../../error.ts";
import type { BranchOutcome, ChangeSet, FileTree, GitBranch } from "../application.ts";
import {
  type BareRepository,
  defaultBranch,
  fetchBranch,
  filesOf,
  isOwnWork,
  treeOf,
} from "./bare-repository.ts";
import { branchNameFrom, checkBranchName } from "./branch-name.ts";
import { BranchTree } from "./branch-tree.ts";
import { defaultMessage, renderMessage, subjectOf } from "./message-template.ts";
import { objectReader } from "./object-reader.ts";
import { push } from "./push.ts";
import { type GitIdentity, writeCommit } from "./write-commit.ts";

/** How commits are made. */
export interface CommitSettings {
  readonly author: GitIdentity;
  /** Template of the message. */
  readonly message?: string;
  /** Whether the message ends with `Signed-off-by`. */
  readonly signOff: boolean;
  readonly sign: boolean;
}

/** What a pull request is to say. */
export interface PullRequestDraft {
  readonly base: string;
  readonly head: string;
  /** Of the commit's message. */
  readonly title: string;
  readonly body: string;
  readonly changes: ChangeSet;
}

export interface ChangeOptions {
  readonly repository: BareRepository;
  readonly commits: CommitSettings;
  readonly clock: Clock;
  /** Opens or updates a pull request, and tells where it is read. */
  readonly pullRequest?: (draft: PullRequestDraft) => Promise<string>;
  readonly onRace?: (branch: string, attempt: number, waitMs: number) => void;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
}

export type EditBranch = (tree: FileTree, signal: AbortSignal) => Promise<ChangeSet>;

// With ten others who push at the same time, one gets through each time; the tenth has lost nine races.
const races = { attempts: 30, baseMs: 250, maxMs: 5_000 };

/**
 * Changes a branch by one commit. Who has lost a race against somebody else's push begins anew with what stands there
 * then: it is decided again what has to be written, instead of laying old lines over new ones.
 *
 * @throws {PromoterError} `InvalidConfiguration` for a branch that is not there, `Denied` when the server refuses,
 * `Unavailable` when others are always faster.
 */
export async function changeBranch(
  branch: GitBranch,
  edit: EditBranch,
  options: ChangeOptions,
): Promise<BranchOutcome> {
  const { repository, clock, signal, onRace } = options;
  const base = branch.branch === undefined ? await defaultBranch(repository) : checkBranchName(branch.branch);
  for (let attempt = 1; attempt <= races.attempts; attempt += 1) {
    const outcome = await attemptChange({ base, writeBranch: branch.writeBranch, edit }, options);
    if (outcome !== undefined) return outcome;
    const waitMs = backoffMs(attempt, { ...races, clock });
    onRace?.(base, attempt, waitMs);
    await clock.sleep(waitMs, signal);
  }
  const message = `Somebody else pushed to ${base} of ${repository.address.address} each of ${races.attempts} times`;
  throw new PromoterError("Unavailable", message, { temporary: true, hint: "Try again later" });
}

interface Attempt {
  readonly base: string;
  readonly writeBranch: string | undefined;
  readonly edit: EditBranch;
}

/** `undefined` when somebody was faster. */
async function attemptChange(attempt: Attempt, options: ChangeOptions): Promise<BranchOutcome | undefined> {
  const { repository, dryRun } = options;
  const { base, writeBranch, edit } = attempt;
  const tip = await fetchBranch(repository, base);
  if (tip === undefined) throw noBranch(repository, base);
  const edited = await editCommit(tip, edit, options);
  if (edited === undefined) return { status: "unchanged", branch: base };
  const head =
    writeBranch === undefined ? base : branchNameFrom(renderMessage(writeBranch, edited.changes, "branches"));
  if (head !== base) return writeElsewhere({ ...attempt, head, tip, edited }, options);
  if (dryRun) return { status: "planned", branch: base };
  return pushCommit(await edited.commit(), { head, expected: tip }, options);
}

interface Edited {
  readonly changes: ChangeSet;
  /** Writes it; nobody sees it before it is pushed. */
  commit(): Promise<string>;
}

/** `undefined` where there is nothing to change. */
async function editCommit(
  parent: string,
  edit: EditBranch,
  { repository, commits, clock, signal }: ChangeOptions,
): Promise<Edited | undefined> {
  const files = await filesOf(repository, parent);
  const working = new BranchTree(files, objectReader(repository));
  const changes = await edit(working, signal);
  const { written } = working;
  if (changes.changes.length === 0 || written.size === 0) return undefined;
  const { author, sign } = commits;
  return {
    changes,
    commit() {
      const message = messageFor(changes, commits);
      return writeCommit(repository, { parent, files, written, author, message, at: clock.now(), sign });
    },
  };
}

interface Elsewhere extends Attempt {
  readonly head: string;
  readonly tip: string;
  readonly edited: Edited;
}

/**
 * Writes to another branch than was read. One of our own is made anew from where the base is now; what others have
 * committed there is kept, and built upon.
 */
async function writeElsewhere(given: Elsewhere, options: ChangeOptions): Promise<BranchOutcome | undefined> {
  const { base, head, tip, edited, edit } = given;
  const { repository, commits, dryRun } = options;
  const draft = { base, head };
  const [there, commit] = [await fetchBranch(repository, head), await edited.commit()];
  if (there !== undefined && (await treeOf(repository, there)) === (await treeOf(repository, commit))) {
    return withPullRequest({ status: "unchanged", branch: head, commit: there }, edited, draft, options);
  }
  if (dryRun) return { status: "planned", branch: head };
  const own = there === undefined || (await isOwnWork(repository, ownership(there, tip, commits)));
  const onto = own ? edited : await editCommit(there, edit, options);
  if (onto === undefined) {
    return withPullRequest({ status: "unchanged", branch: head }, edited, draft, options);
  }
  const place = { head, ...(there !== undefined && { expected: there }) };
  const pushed = onto === edited ? commit : await onto.commit();
  const outcome = await pushCommit(pushed, place, options);
  return outcome && withPullRequest(outcome, onto, draft, options);
}

function ownership(tip: string, base: string, { author }: CommitSettings) {
  return { tip, base, email: author.email };
}

async function pushCommit(
  commit: string,
  { head, expected }: { readonly head: string; readonly expected?: string },
  { repository }: ChangeOptions,
): Promise<BranchOutcome | undefined> {
  const pushed = await push(repository, {
    commit,
    branch: head,
    ...(expected !== undefined && { expected }),
  });
  return pushed ? { status: "pushed", branch: head, commit } : undefined;
}

function messageFor(
  changes: ChangeSet,
  { message = defaultMessage, signOff, author }: CommitSettings,
): string {
  const rendered = renderMessage(message, changes, "commits").trim();
  const trailer = signOff ? `\n\nSigned-off-by: ${author.name} <${author.email}>` : "";
  return `${rendered === "" ? "Update images" : rendered}${trailer}\n`;
}

async function withPullRequest(
  outcome: BranchOutcome,
  { changes }: Edited,
  { base, head }: { readonly base: string; readonly head: string },
  { pullRequest, commits, dryRun }: ChangeOptions,
): Promise<BranchOutcome> {
  if (pullRequest === undefined || dryRun) return outcome;
  const { subject: title, body } = subjectOf(messageFor(changes, { ...commits, signOff: false }));
  return { ...outcome, pullRequest: await pullRequest({ base, head, title, body, changes }) };
}

function noBranch({ address }: BareRepository, branch: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `${address.address} has no branch ${branch}`, {
    hint: "Name a branch that the repository has, or leave it out for the repository's own",
  });
}
