import { SingleFlight } from "../async/single-flight.ts";
import { withSignal } from "../async/with-signal.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { EcrApi, EcrClients, RepositoryDescription } from "./api.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { RepositorySettings } from "./repository-settings.ts";

/** What came of making a repository. */
export interface RepositoryCreation {
  readonly host: string;
  readonly repository: string;
  /** False when somebody else was faster; then its settings are theirs. */
  readonly created: boolean;
  /** Settings that could not be applied to the new repository. */
  readonly problems: readonly PromoterError[];
}

export interface EcrRepositoriesOptions {
  readonly clients: EcrClients;
  /** Told once for each repository that was missing. */
  readonly onCreated?: (creation: RepositoryCreation) => void;
}

/** The repositories of all ECR registries, each described, and made, once per run. */
export class EcrRepositories {
  readonly #clients: EcrClients;
  readonly #onCreated: ((creation: RepositoryCreation) => void) | undefined;
  #descriptions = new SingleFlight<string, RepositoryDescription | undefined | PromoterError>();
  #creations = new SingleFlight<string, RepositoryCreation>();

  constructor(options: EcrRepositoriesOptions) {
    this.#clients = options.clients;
    this.#onCreated = options.onCreated;
  }

  /** Forgets all answers: somebody may have changed since what they were about. */
  forget(): void {
    this.#descriptions = new SingleFlight();
    this.#creations = new SingleFlight();
  }

  /**
   * @returns undefined when there is no such repository.
   * @throws {PromoterError} `Denied` when the identity may not ask; this too is remembered.
   */
  async describe(
    host: EcrRegistryHost,
    repository: string,
    { signal }: Waiting = {},
  ): Promise<RepositoryDescription | undefined> {
    signal?.throwIfAborted();
    const known = this.#descriptions.run(keyOf(host, repository), async () => {
      const api = await this.#clients.forHost(host);
      try {
        return await api.describeRepository(repository);
      } catch (error) {
        // A failure is forgotten and asked again; a denial is an answer, the same for every image.
        if (hasCode(error, "Denied")) return error;
        throw error;
      }
    });
    const description = await withSignal(known, signal);
    if (description instanceof PromoterError) throw description;
    return description;
  }

  /**
   * Makes a repository, once however many ask for it at the same time.
   *
   * @throws {PromoterError} `Denied`, `InvalidConfiguration` when ECR refuses the settings.
   */
  async create(
    host: EcrRegistryHost,
    repository: string,
    settings: RepositorySettings,
    { signal }: Waiting = {},
  ): Promise<RepositoryCreation> {
    signal?.throwIfAborted();
    const key = keyOf(host, repository);
    const creation = this.#creations.run(key, async () => {
      const api = await this.#clients.forHost(host);
      const created = (await api.createRepository(repository, settings)) === "created";
      const problems = created ? await applyPolicies(api, repository, settings) : [];
      this.#descriptions.forget(key);
      const outcome = { host: host.host, repository, created, problems };
      this.#onCreated?.(outcome);
      return outcome;
    });
    return withSignal(creation, signal);
  }
}

/** A repository without its policies is closed and keeps its images: safe to use, and to be told of. */
async function applyPolicies(
  api: EcrApi,
  repository: string,
  { lifecyclePolicy, repositoryPolicy }: RepositorySettings,
): Promise<PromoterError[]> {
  const results = await Promise.allSettled([
    lifecyclePolicy !== undefined && api.putLifecyclePolicy(repository, lifecyclePolicy),
    repositoryPolicy !== undefined && api.setRepositoryPolicy(repository, repositoryPolicy),
  ]);
  return results.flatMap((result) => (result.status === "rejected" ? asPromoterError(result.reason) : []));
}

function keyOf(host: EcrRegistryHost, repository: string): string {
  return `${host.accountId}/${host.region}/${repository}`;
}
