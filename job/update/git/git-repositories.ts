import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../async/clock.ts";
import { Semaphore } from "../../async/semaphore.ts";
import { withSignal } from "../../async/with-signal.ts";
import type { Log } from "../../log.ts";
import type { GitRepositories } from "../application.ts";
import type { BareRepository } from "./bare-repository.ts";
import { type CommitSettings, changeBranch, type PullRequestDraft } from "./change-branch.ts";
import type { GitAccess } from "./credentials.ts";
import { gitEnvironment } from "./environment.ts";
import { gitError } from "./git-error.ts";
import { type GitProgram, runGit } from "./git-program.ts";
import { repositoryEnvironment } from "./repository-access.ts";
import { parseRepositoryAddress, type RepositoryAddress } from "./repository-address.ts";
import { prepareSigning, type Signing, type SigningKey } from "./signing.ts";

/** Opens pull requests, and updates those that are open already: there is one for a branch, however often it is asked for. */
export interface PullRequests extends AsyncDisposable {
  /** @returns where people read it. */
  open(address: RepositoryAddress, draft: PullRequestDraft, signal: AbortSignal): Promise<string>;
}

export interface GitOptions {
  /** What git, curl and ssh need of it is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a folder for the repositories is made, and removed in the end. */
  readonly temporaryFolder: string;
  readonly access: GitAccess;
  readonly commits: Omit<CommitSettings, "sign">;
  readonly signingKey?: SigningKey;
  /** For branches that are written to instead of the one that is read; put away with the repositories. */
  readonly pullRequests?: PullRequests;
  /** How many changes a copy of a repository is used for, before a fresh one takes its place. Default 500. */
  readonly renewAfter?: number;
}

const defaultRenewAfter = 500;
/** Of a large repository the first fetch takes its time. */
const transferTimeoutMs = 600_000;

/** A copy of a repository: what was fetched once is not fetched again. */
interface Copy {
  readonly folder: Promise<string>;
  /** Two fetches into one repository would hold each other's lock. */
  readonly fetching: Semaphore;
  users: number;
  changes: number;
}

/** The branches of git repositories, by the git program. Nothing is run before the first is changed. */
export function openGitRepositories(options: GitOptions): GitRepositories {
  return new KeptRepositories(options);
}

/** Copies of repositories in a folder of their own. */
class KeptRepositories implements GitRepositories {
  readonly #options: GitOptions;
  readonly #ending = new AbortController();
  readonly #copies = new Map<string, Copy>();
  #home: Promise<string> | undefined;
  #signing: Promise<Signing> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  async change(...[branch, edit, { dryRun, signal }]: Parameters<GitRepositories["change"]>) {
    const { clock, log, commits, signingKey, pullRequests } = this.#options;
    const address = parseRepositoryAddress(branch.repository);
    return await this.#withCopy(address, async (copy) =>
      changeBranch(branch, edit, {
        repository: await this.#open(address, copy, signal),
        commits: { ...commits, sign: signingKey !== undefined },
        clock,
        dryRun,
        signal,
        ...(pullRequests && {
          pullRequest: (draft: PullRequestDraft) => pullRequests.open(address, draft, signal),
        }),
        onRace: (name, attempt, waitMs) =>
          log.info(
            { repository: address.address, branch: name, attempt, waitMs },
            "Somebody else pushed first",
          ),
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#options.pullRequests?.[Symbol.asyncDispose]();
    const signing = await this.#signing?.catch(() => undefined);
    await signing?.stop();
    const home = await this.#home?.catch(() => undefined);
    // A program that is just ending may still write.
    if (home !== undefined) await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Works with the copy of a repository. One that could not be made, or has grown old, is forgotten afterwards. */
  async #withCopy<T>(address: RepositoryAddress, work: (copy: Copy) => Promise<T>): Promise<T> {
    const { renewAfter = defaultRenewAfter } = this.#options;
    const key = address.address;
    const folder = () => this.#lasting().then((lasting) => initialise(address, lasting));
    const fresh = () => ({ folder: folder(), fetching: new Semaphore(1), users: 0, changes: 0 });
    const copy: Copy = this.#copies.get(key) ?? fresh();
    this.#copies.set(key, copy);
    copy.users += 1;
    copy.changes += 1;
    try {
      return await work(copy);
    } finally {
      copy.users -= 1;
      const made = await copy.folder.catch(() => undefined);
      if (made === undefined || (copy.users === 0 && copy.changes >= renewAfter)) {
        if (this.#copies.get(key) === copy) this.#copies.delete(key);
        if (made !== undefined) await rm(made, { recursive: true, force: true, maxRetries: 5 });
      }
    }
  }

  async #open(address: RepositoryAddress, copy: Copy, signal: AbortSignal): Promise<BareRepository> {
    const { access, signingKey } = this.#options;
    const lasting = await this.#lasting();
    if (signingKey !== undefined) this.#signing ??= prepareSigning(signingKey, lasting);
    const signing = await this.#signing;
    const folder = await withSignal(copy.folder, signal);
    const own = await repositoryEnvironment(address, { access, signing, folder, signal });
    return {
      address,
      run(args, run = {}) {
        const transfers = args[0] === "fetch" || args[0] === "push";
        const env = { ...own, ...run.env };
        const given = { ...run, folder, signal, env, ...(transfers && { timeoutMs: transferTimeoutMs }) };
        const started = () => runGit({ env: lasting.env }, args, given);
        return args[0] === "fetch" ? copy.fetching.run(started, signal) : started();
      },
    };
  }

  /** What programs run with that are for all repositories. */
  async #lasting() {
    const { env, temporaryFolder } = this.#options;
    this.#home ??= mkdtemp(join(temporaryFolder, "image-promoter-git-"));
    const folder = await this.#home;
    return { env: gitEnvironment(env, folder), folder, signal: this.#ending.signal };
  }
}

async function initialise(
  address: RepositoryAddress,
  { folder: home, signal, env }: GitProgram & { readonly folder: string; readonly signal: AbortSignal },
): Promise<string> {
  const folder = await mkdtemp(join(home, "repository-"));
  const ended = await runGit({ env }, ["init", "--quiet", "--bare", "--template="], { folder, signal });
  if (ended.exitCode === 0) return folder;
  throw gitError("keep a copy of", address, ended);
}
