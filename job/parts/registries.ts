import { blobHostRule } from "../config/blob-hosts.ts";
import { entryFor } from "../config/host-pattern.ts";
import type { Settings } from "../config/settings.ts";
import type { EcrClients } from "../ecr/api.ts";
import { type EcrCredentialProvider, ecrCredentials } from "../ecr/authorization.ts";
import { blobHostsOf } from "../ecr/blob-storage.ts";
import { ecrHints } from "../ecr/denied-hint.ts";
import { ecrReader } from "../ecr/ecr-reader.ts";
import { ecrWriter } from "../ecr/ecr-writer.ts";
import { EcrInspector } from "../ecr/inspection.ts";
import { createMissingRepositories } from "../ecr/missing-repositories.ts";
import { type EcrPacers, ecrPacers } from "../ecr/pacer.ts";
import { type EcrRegistryHost, parseEcrHost } from "../ecr/registry-host.ts";
import { EcrRepositories, type RepositoryCreation } from "../ecr/repositories.ts";
import type { Log } from "../log.ts";
import type { ContentReader, ContentWriter } from "../oci/content.ts";
import type { PlannedImage } from "../promotion/image.ts";
import type { Inspecting } from "../promotion/plan.ts";
import { firstOf } from "../registry/credential-chain.ts";
import type { CredentialProvider } from "../registry/credentials.ts";
import { dockerConfigCredentials } from "../registry/docker-config.ts";
import type { Network } from "../registry/network.ts";
import { openRegistry, type Registry } from "../registry/registry.ts";

import type { PromotionOptions } from "./promotion-options.ts";
import { defaultPatience } from "./surroundings.ts";

export interface RegistriesOptions extends PromotionOptions {
  readonly network: Network;
  readonly clients: EcrClients;
}

/** Opens each registry once, with what its kind needs: ECR's tokens, quotas and hints, or Docker's credentials. */
export class Registries {
  readonly #options: RegistriesOptions;
  readonly #network: Network;
  readonly #pacers: EcrPacers;
  readonly #clients: EcrClients;
  readonly #ecrRepositories: EcrRepositories;
  readonly #inspector: EcrInspector;
  readonly #ecrCredentials: EcrCredentialProvider;
  readonly #credentials: CredentialProvider;
  readonly #registries = new Map<string, Registry>();
  readonly #writers = new Map<string, ContentWriter>();

  constructor(options: RegistriesOptions) {
    const { settings, runtime, log, network, clients } = options;
    const { env, clock, readFile } = runtime;
    this.#options = options;
    this.#network = network;
    this.#pacers = ecrPacers({ clock, share: settings.quotaShare, raised: settings.ecrQuotas });
    this.#clients = clients;
    this.#ecrRepositories = new EcrRepositories({ clients: this.#clients, onCreated: creationLog(log) });
    this.#inspector = new EcrInspector({
      clients: this.#clients,
      repositories: this.#ecrRepositories,
      clock,
    });
    this.#ecrCredentials = ecrCredentials({ clients: this.#clients, clock, log });
    this.#credentials = firstOf([this.#ecrCredentials, dockerConfigCredentials({ env, readFile })]);
  }

  open(host: string): Registry {
    const known = this.#registries.get(host) ?? this.#open(host);
    this.#registries.set(host, known);
    return known;
  }

  reader(host: string, repository: string): ContentReader {
    const plain = this.open(host).repository(repository);
    const ecr = parseEcrHost(host);
    return ecr === undefined ? plain : ecrReader(plain, { host: ecr, clients: this.#clients });
  }

  writer(host: string, repository: string): ContentWriter {
    const key = `${host}/${repository}`;
    const known = this.#writers.get(key) ?? this.#writer(host, repository);
    this.#writers.set(key, known);
    return known;
  }

  /** Forgets what is remembered of repositories for the length of a run: a process that runs on has no other end of one. */
  forget(): void {
    this.#ecrRepositories.forget();
  }

  leastMs(host: string, manifestWrites: number): number {
    const ecr = parseEcrHost(host);
    return ecr === undefined ? 0 : this.#pacers.forHost(ecr).leastMs({ "manifest-write": manifestWrites });
  }

  /** What ECR can tell against an image before it is promoted; with `thorough` also what is far off, or unknown. */
  async inspect(
    { work, wanted }: PlannedImage,
    { thorough, mounts }: Inspecting,
  ): Promise<readonly string[]> {
    if (work === undefined) return [];
    const { from, to, attachments, root } = work;
    const source = parseEcrHost(from.host);
    const destination = parseEcrHost(to.host);
    const { signal } = this.#options;
    const { digest } = root.manifest.descriptor;
    const { tag } = wanted.destination;
    const found = await Promise.all([
      source &&
        from !== to &&
        this.#inspector.inspectSource(source, { repository: from.repository, target: digest }, { signal }),
      destination && mounts && this.#inspector.inspectRegistry(destination, { signal }),
      destination &&
        this.#inspector.inspectDestination(destination, {
          repository: to.repository,
          image: { tags: tag === undefined ? [] : [tag], ...(root.present && { digest }) },
          hasSignatures: thorough || attachments.length > 0,
          thorough,
          signal,
        }),
    ]);
    return found.flatMap((inspection) => {
      if (!inspection) return [];
      return thorough ? [...inspection.warnings, ...inspection.unknown] : inspection.warnings;
    });
  }

  #open(host: string): Registry {
    const { settings, runtime, log } = this.#options;
    const { endpoints, insecureRegistries } = settings;
    const ecr = parseEcrHost(host);
    const endpoint = endpointFor(host, endpoints);
    const mayLeadTo = blobHostRule(host, settings, ecr && blobHostsOf(ecr));
    return openRegistry({
      host,
      credentials: this.#credentials,
      network: this.#network,
      clock: runtime.clock,
      log,
      progressTimeoutMs: (runtime.patience ?? defaultPatience).answerMs,
      ...(endpoint && { endpoint }),
      ...(mayLeadTo && { mayLeadTo }),
      ...(insecureRegistries.includes(host) && { plainHttp: true }),
      ...(ecr && this.#ecrOptions(ecr)),
    });
  }

  #ecrOptions(ecr: EcrRegistryHost) {
    const identity = this.#clients.identityFor(ecr);
    return {
      pacer: this.#pacers.forHost(ecr),
      mountableAfter: "manifest" as const,
      // To list them is a right of its own.
      tellsTags: false,
      ...ecrHints({ host: ecr, identity, callerAccount: () => this.#ecrCredentials.callerAccount(ecr.host) }),
    };
  }

  #writer(host: string, repository: string): ContentWriter {
    const { settings, runtime } = this.#options;
    const plain = this.open(host).repository(repository);
    const ecr = parseEcrHost(host);
    if (ecr === undefined) return plain;
    const repositories = this.#ecrRepositories;
    const writer = ecrWriter(plain, { host: ecr, repositories });
    if (settings.createRepositories === false) return writer;
    return createMissingRepositories(writer, {
      host: ecr,
      repositories,
      settings: settings.createRepositories,
      clock: runtime.clock,
    });
  }
}

/** What came of making a repository, for the log. */
function creationLog(log: Log) {
  return ({ host, repository, created, problems }: RepositoryCreation) => {
    if (created) log.info({ repository: `${host}/${repository}` }, "Created the repository");
    for (const { code, message, hint } of problems) log.warn({ code, hint }, message);
  };
}

function endpointFor(host: string, endpoints: Settings["endpoints"]): URL | undefined {
  const entries = [...endpoints].map(([pattern, url]) => ({ host: pattern, url }));
  return entryFor(host, entries)?.url;
}
