import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../../async/clock.ts";
import { Semaphore } from "../../async/semaphore.ts";
import { SingleFlight } from "../../async/single-flight.ts";
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
}

/** The branches of git repositories, by the git program. Nothing is run before the first is changed. */
export function openGitRepositories(options: GitOptions): GitRepositories {
  return new KeptRepositories(options);
}

/** Copies of repositories in a folder of their own: what was fetched once is not fetched again. */
class KeptRepositories implements GitRepositories {
  readonly #options: GitOptions;
  readonly #ending = new AbortController();
  readonly #folders = new SingleFlight<string, string>();
  /** Two fetches into one repository would hold each other's lock. */
  readonly #fetches = new Map<string, Semaphore>();
  #home: Promise<string> | undefined;
  #signing: Promise<Signing> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
  }

  async change(...[branch, edit, { dryRun, signal }]: Parameters<GitRepositories["change"]>) {
    const { clock, log, commits, signingKey, pullRequests } = this.#options;
    const address = parseRepositoryAddress(branch.repository);
    const repository = await this.#open(address, signal);
    return changeBranch(branch, edit, {
      repository,
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
          "somebody else pushed first",
        ),
    });
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

  async #open(address: RepositoryAddress, signal: AbortSignal): Promise<BareRepository> {
    const { env, temporaryFolder, access, signingKey } = this.#options;
    this.#home ??= mkdtemp(join(temporaryFolder, "image-promoter-git-"));
    const home = await this.#home;
    const program = { env: gitEnvironment(env, home) };
    const lasting = { ...program, folder: home, signal: this.#ending.signal };
    if (signingKey !== undefined) this.#signing ??= prepareSigning(signingKey, lasting);
    const signing = await this.#signing;
    const folder = await withSignal(
      this.#folders.run(address.address, () => initialise(address, lasting)),
      signal,
    );
    const own = await repositoryEnvironment(address, { access, signing, folder, signal });
    const fetching = this.#fetches.get(folder) ?? new Semaphore(1);
    this.#fetches.set(folder, fetching);
    return {
      address,
      run(args, run = {}) {
        const started = () => runGit(program, args, { ...run, folder, signal, env: { ...own, ...run.env } });
        return args[0] === "fetch" ? fetching.run(started, signal) : started();
      },
    };
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
