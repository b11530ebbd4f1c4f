import type { Clock } from "../async/clock.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { withSignal } from "../async/with-signal.ts";
import { hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { EcrApi, EcrClients } from "./api.ts";
import { archivedImage } from "./archived-image.ts";
import { readLifecyclePolicy } from "./lifecycle-policy.ts";
import type { EcrRegistryHost } from "./registry-host.ts";
import type { EcrRepositories } from "./repositories.ts";
import {
  imageCountWarning,
  lifecycleWarnings,
  manyImages,
  type PromotedImage,
  signatureTagWarning,
} from "./repository-warnings.ts";

/** What only ECR can tell about a promotion before it is made. */
export interface Inspection {
  readonly warnings: readonly string[];
  /** What could not be asked, and why: for `doctor`. */
  readonly unknown: readonly string[];
}

export interface EcrInspectorOptions {
  readonly clients: EcrClients;
  readonly repositories: EcrRepositories;
  readonly clock: Clock;
}

export interface InspectDestinationOptions extends Waiting {
  readonly repository: string;
  readonly image: Omit<PromotedImage, "pushedAt"> & {
    /** Set where the image is there already, under another tag or none. */
    readonly digest?: string;
  };
  /** Whether signatures or other referrers are, or may be, kept under tags. */
  readonly hasSignatures: boolean;
  /** For `doctor`: says what is far off too, and counts images, which takes a request for each thousand. */
  readonly thorough?: boolean;
}

/** Asks ECR what should be known before a promotion. Nothing that it is not allowed to ask makes it fail. */
export class EcrInspector {
  readonly #options: EcrInspectorOptions;
  readonly #lifecyclePolicies = new SingleFlight<string, string | undefined | PromoterError>();

  constructor(options: EcrInspectorOptions) {
    this.#options = options;
  }

  /** Whether the image can be pulled at all: what is archived has to be restored first. */
  async inspectSource(
    host: EcrRegistryHost,
    image: { readonly repository: string; readonly target: string },
    waiting: Waiting = {},
  ): Promise<Inspection> {
    if (host.public) return noInspection;
    return gather(waiting, {
      "whether the source is archived": async () => {
        const api = await this.#options.clients.forHost(host);
        const found = await api.describeImage(image.repository, image.target, waiting);
        const archived = found && archivedImage(host, image, found);
        return archived === undefined ? [] : [`${archived.message}. ${archived.hint}`];
      },
    });
  }

  /** Whether the account lets blobs be mounted; worth asking where images share layers. */
  async inspectRegistry(host: EcrRegistryHost, waiting: Waiting = {}): Promise<Inspection> {
    if (host.public) return noInspection;
    return gather(waiting, {
      "whether blobs can be mounted": async () => {
        const api = await this.#options.clients.forHost(host);
        // The setting that is answered is always that of the caller's own account.
        if ((await api.callerAccount(waiting)) !== host.accountId) throw otherAccount(host);
        const setting = await api.getAccountSetting("BLOB_MOUNTING", waiting);
        return setting === "ENABLED" ? [] : [mountingWarning(host)];
      },
    });
  }

  /** What the repository's settings mean for an image that is promoted into it. */
  async inspectDestination(host: EcrRegistryHost, options: InspectDestinationOptions): Promise<Inspection> {
    if (host.public) return noInspection;
    const { repository, hasSignatures, thorough = false } = options;
    return gather(options, {
      ...(hasSignatures && {
        "whether signatures can be added": async () => {
          const found = await this.#options.repositories.describe(host, repository, options);
          const warning = found && signatureTagWarning(found.mutability);
          return warning === undefined ? [] : [warning];
        },
      }),
      "when the image expires": () => this.#lifecycle(host, options),
      ...(thorough && {
        "how many images there are": async () => {
          const api = await this.#options.clients.forHost(host);
          const warning = imageCountWarning(await api.countImages(repository, manyImages, options));
          return warning === undefined ? [] : [warning];
        },
      }),
    });
  }

  async #lifecycle(host: EcrRegistryHost, options: InspectDestinationOptions): Promise<string[]> {
    const { repository, image, thorough = false } = options;
    const api = await this.#options.clients.forHost(host);
    const policy = await this.#lifecyclePolicy(api, repository, options);
    if (policy === undefined) return [];
    const known = image.digest ? await api.describeImage(repository, image.digest, options) : undefined;
    const pushedAt = known?.pushedAt;
    const promoted = { tags: image.tags, ...(pushedAt !== undefined && { pushedAt }) };
    return lifecycleWarnings(readLifecyclePolicy(policy), promoted, this.#options.clock.now())
      .filter((warning) => thorough || warning.soon)
      .map((warning) => warning.text);
  }

  /** Each repository's policy is asked for once, a denial being as good an answer. */
  async #lifecyclePolicy(api: EcrApi, repository: string, { signal }: Waiting): Promise<string | undefined> {
    const key = `${api.host.accountId}/${api.host.region}/${repository}`;
    const known = this.#lifecyclePolicies.run(key, () =>
      api.getLifecyclePolicy(repository).catch((error: unknown) => {
        if (hasCode(error, "Denied")) return error;
        throw error;
      }),
    );
    const policy = await withSignal(known, signal);
    if (policy instanceof PromoterError) throw policy;
    return policy;
  }
}

const noInspection: Inspection = { warnings: [], unknown: [] };

async function gather(
  { signal }: Waiting,
  questions: Readonly<Record<string, () => Promise<readonly string[]>>>,
): Promise<Inspection> {
  const answers = Object.entries(questions).map(async ([question, ask]): Promise<Inspection> => {
    try {
      return { warnings: await ask(), unknown: [] };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PromoterError)) throw error;
      return { warnings: [], unknown: [`Cannot tell ${question}: ${error.message}`] };
    }
  });
  const inspections = await Promise.all(answers);
  return {
    warnings: inspections.flatMap((inspection) => inspection.warnings),
    unknown: inspections.flatMap((inspection) => inspection.unknown),
  };
}

function mountingWarning(host: EcrRegistryHost): string {
  return `Layers that images share are sent once for each repository of ${host.host}; let them be mounted: aws ecr put-account-setting --region ${host.region} --name BLOB_MOUNTING --value ENABLED`;
}

function otherAccount(host: EcrRegistryHost): PromoterError {
  return new PromoterError(
    "Unsupported",
    `the setting of account ${host.accountId} can be read with its own identity only`,
    {
      hint: `Configure a role of account ${host.accountId} for ${host.host}`,
    },
  );
}
