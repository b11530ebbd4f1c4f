import { type RepositoryPolicies, repositoryPolicies } from "./ecr/repository-policies.ts";
import type { Waiting } from "./oci/content.ts";
import type { Reference } from "./oci/reference.ts";
import { openAttestor, openPublicKeys } from "./parts/attestation.ts";
import { openCatalog } from "./parts/catalog.ts";
import { clientsFor } from "./parts/ecr-clients-for.ts";
import { openGates } from "./parts/gates.ts";
import { notify } from "./parts/notification.ts";
import type { PromotionOptions } from "./parts/promotion-options.ts";
import { openQueue } from "./parts/queue.ts";
import { Registries } from "./parts/registries.ts";
import { defaultPatience, userAgent } from "./parts/surroundings.ts";
import type { Attestor } from "./promotion/attestor.ts";
import { requestsPerTransfer } from "./promotion/context.ts";
import type { Gate } from "./promotion/gate.ts";
import type { PlanOptions } from "./promotion/plan.ts";
import type { Repositories } from "./promotion/repositories.ts";
import { openNetwork } from "./registry/network.ts";
import type { Catalog } from "./replication/catalog.ts";

/** A repository by its registry and its name there. */
type RepositoryName = Pick<Reference, "host" | "repository">;

/** The registries of a promotion, opened. */
export interface Promotion extends AsyncDisposable {
  readonly repositories: Repositories;
  /** What must agree before an image is promoted. */
  readonly gates: readonly Gate[];
  /** Who states at the destination what was promoted, where somebody does. */
  readonly attestor?: Attestor | undefined;
  /** What a plan knows of the registries beyond their content. */
  readonly planning: Pick<PlanOptions, "leastMs" | "inspect">;
  /** What the registries hold, beyond what is asked for by name. */
  readonly catalog: Catalog;
  /** The tags of a repository. Throws `NameUnknown` when there is no such repository. */
  tags(repository: RepositoryName, options?: Waiting): AsyncIterable<string>;
  /** Forgets what is remembered of repositories, for a promotion that begins anew in the same process. */
  forget(): void;
  /** Asks whether a registry is there and takes our credentials. */
  ping(host: string, options?: Waiting): Promise<void>;
}

/** The composition root: what knows every folder, with the files beside it. */
export interface Parts {
  openPromotion(options: PromotionOptions): Promise<Promotion>;
  openPolicies(options: Pick<PromotionOptions, "settings" | "runtime">): RepositoryPolicies;
  openPublicKeys: typeof openPublicKeys;
  openQueue: typeof openQueue;
  /** Tells whoever is to know of a promotion. Never rejects. */
  notify: typeof notify;
}

export const parts: Parts = {
  openPromotion,
  openPolicies: ({ settings, runtime }) => repositoryPolicies(clientsFor(settings, runtime)),
  openPublicKeys,
  openQueue,
  notify,
};

async function openPromotion(options: PromotionOptions): Promise<Promotion> {
  const { settings, runtime } = options;
  const closing = new AsyncDisposableStack();
  const clients = closing.use(clientsFor(settings, runtime));
  const gates = await openGates(options, clients);
  const attestor = await openAttestor(options, clients, closing);
  const { connectMs } = runtime.patience ?? defaultPatience;
  const network = openNetwork({
    env: runtime.env,
    userAgent,
    // For the requests that may be under way, and for both ends of each transfer.
    connectionsPerOrigin: (requestsPerTransfer + 2) * settings.concurrency,
    connectTimeoutMs: connectMs,
  });
  closing.use(network);
  const registries = new Registries({ ...options, clients, network });
  return {
    gates,
    attestor,
    repositories: {
      source: ({ host, repository }) => registries.reader(host, repository),
      destination: ({ host, repository }) => registries.writer(host, repository),
    },
    planning: {
      leastMs: (host, manifestWrites) => registries.leastMs(host, manifestWrites),
      inspect: (image, inspection) => registries.inspect(image, inspection),
    },
    catalog: openCatalog({
      clients,
      open: (host) => registries.open(host),
      concurrency: settings.concurrency,
    }),
    tags: ({ host, repository }, waiting) => registries.open(host).repository(repository).tags(waiting),
    forget: () => registries.forget(),
    ping: (host, waiting) => registries.open(host).ping(waiting),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
