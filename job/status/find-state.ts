import { type HistoryOptions, readHistory } from "../attestation/history.ts";
import { findImage } from "../comparison/find-image.ts";
import { hasCode } from "../error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import type { Reference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { reportedError } from "../promotion/image-report.ts";
import type { Route } from "../promotion/route.ts";
import type { Catalog } from "../replication/catalog.ts";
import { driftsOf } from "./drift.ts";
import type { ImagePromotion, ImageState } from "./environment-status.ts";
import { lastPromotion } from "./image-promotion.ts";
import type { NamedImage } from "./sight.ts";

/** What an image is asked about with. */
export interface Asking {
  readonly context: PromotionContext;
  readonly routes: readonly Route[];
  /** Any of which may have signed what is told of promotions. */
  readonly keys: HistoryOptions["keys"];
  readonly catalog: Pick<Catalog, "pushedAt" | "tags" | "repositories">;
}

/** The environment that names an image, as far as it is known. */
export interface NamingEnvironment {
  readonly name: string;
  readonly promotesFrom: readonly string[];
  readonly hasManifests: boolean;
  readonly hasCluster: boolean;
}

/** Requests for the statements of one image at the same time. */
const statementsAtOnce = 4;

/** Finds out about an image that an environment names. What cannot be asked is told in `error`. */
export async function findState(
  named: NamedImage,
  environment: NamingEnvironment,
  asking: Asking,
): Promise<ImageState> {
  const { reference, declared, workloads } = named;
  const found = await findImage(reference, asking.routes, asking.context);
  const { hasManifests, hasCluster, name } = environment;
  const judged = { named, environment: name, promoted: found.promoted, hasManifests, hasCluster };
  const state: ImageState = {
    ...found,
    namedBy: declared ? "manifests" : "workloads",
    ...(hasCluster && { usedBy: [...new Set(workloads.map(({ workload }) => workload))].sort() }),
    drift: driftsOf({ ...judged, runsAnother: false }),
  };
  const { digest } = found;
  if (found.promoted !== true || digest === undefined || !isDigest(digest)) return state;
  try {
    const [promotion, runsAnother] = await Promise.all([
      findPromotion(reference, digest, environment, asking),
      runsOther(named, digest, asking),
    ]);
    return { ...state, ...(promotion && { promotion }), drift: driftsOf({ ...judged, runsAnother }) };
  } catch (thrown) {
    asking.context.signal?.throwIfAborted();
    return { ...state, error: reportedError(thrown) };
  }
}

/** What statements tell of the promotion into this repository, else when it was pushed, where the registry tells. */
async function findPromotion(
  reference: Reference,
  digest: Digest,
  { promotesFrom }: NamingEnvironment,
  { context, keys, catalog }: Asking,
): Promise<ImagePromotion | undefined> {
  if (promotesFrom.length > 0) {
    const records = await readHistory(context.repositories.source(reference), digest, {
      keys,
      concurrency: statementsAtOnce,
      ...(context.signal && { signal: context.signal }),
    });
    const last = lastPromotion(records, reference);
    if (last !== undefined) return last;
  }
  return pushed(
    await limited(context, "destination", (waiting) => catalog.pushedAt(reference, digest, waiting)).catch(
      deniedAsNothing,
    ),
  );
}

/** Whoever may pull may not always list: then nobody says when an image was pushed, and all else is known. */
function deniedAsNothing(error: unknown): undefined {
  if (hasCode(error, "Denied")) return undefined;
  throw error;
}

/** What is told of an image of which only the time of its push is known, in milliseconds since the epoch. */
export function pushed(pushedAt: number | undefined): ImagePromotion | undefined {
  return pushedAt === undefined ? undefined : { at: new Date(pushedAt).toISOString(), standing: "pushed" };
}

/** Whether pods run neither what the tag stands for, nor, as some runtimes say it, a member of that index. */
async function runsOther(
  { reference, workloads }: NamedImage,
  digest: Digest,
  { context }: Asking,
): Promise<boolean> {
  const others = workloads.flatMap((workload) => workload.digest ?? []).filter((run) => run !== digest);
  if (reference.digest !== undefined || others.length === 0) return false;
  const manifest = await limited(context, "destination", (waiting) =>
    context.repositories.source(reference).fetchManifest(digest, waiting),
  );
  const members = new Set(manifest && readManifest(manifest).manifests.map((member) => member.digest));
  return others.some((run) => !members.has(run));
}
