import type { ChartValues } from "./chart-values.ts";
import type { ManifestsOptions } from "./manifests.ts";

/** What a backfill promotes: images that are listed, or those that rules choose. */
export type BackfillWork =
  | {
      /** By their destination. */
      readonly images: readonly string[];
    }
  | {
      /** The text of a promoter.yaml with rules of `sync`. */
      readonly rules: string;
      /** The environment of that file to promote into, where it has several. */
      readonly environment?: string;
    };

export interface BackfillOptions extends ManifestsOptions {
  readonly work: BackfillWork;
  /** Shards that the work is divided into. */
  readonly completions: number;
  /** How many of them run at a time: they share the quotas of both accounts. */
  readonly parallelism: number;
  readonly shardBy: "repository" | "image";
  /** How often a shard's pod is replaced when it failed and trying again may help. */
  readonly backoffLimitPerIndex: number;
  /** Failed shards above which the others are ended, too. Default: all shards are tried. */
  readonly maxFailedIndexes?: number;
  /** Shards that suffice: once so many are done the others are ended, and the Job has succeeded. Default: all. */
  readonly succeededCount?: number;
  /** Whether the destination is listed before anything is asked of it. */
  readonly missingOnly: boolean;
  /** Quotas that AWS has raised, by ECR's action, in requests per second. */
  readonly ecrQuotas: ReadonlyMap<string, number>;
}

/** Where pods find the lists of images. */
const folder = "/etc/image-promoter-images";

/** The chart's values of a backfill's pods, with what only its Job has beside them under `backfill`. */
export function backfillValues(
  values: ChartValues,
  lists: readonly { readonly file: string; readonly configMap: string }[],
  options: BackfillOptions,
): ChartValues & { readonly backfill: object } {
  const { completions, parallelism, backoffLimitPerIndex, maxFailedIndexes, succeededCount } = options;
  const listed = lists.length > 0;
  return {
    ...values,
    // Whoever syncs waits for hooks: a backfill takes hours, and is applied by hand.
    hook: { ...values.hook, engine: "none" },
    extraEnv: [...values.extraEnv, ...variables(lists, options)],
    extraVolumes: [...values.extraVolumes, ...(listed ? [volumeOf(lists)] : [])],
    extraVolumeMounts: [
      ...values.extraVolumeMounts,
      ...(listed ? [{ name: "images", mountPath: folder, readOnly: true }] : []),
    ],
    backfill: {
      completions,
      parallelism,
      backoffLimitPerIndex,
      limits: {
        ...(maxFailedIndexes !== undefined && { maxFailedIndexes }),
        ...(succeededCount !== undefined && { successPolicy: { rules: [{ succeededCount }] } }),
      },
    },
  };
}

function volumeOf(lists: readonly { readonly configMap: string }[]) {
  return {
    name: "images",
    projected: { sources: lists.map(({ configMap }) => ({ configMap: { name: configMap } })) },
  };
}

/** Kubernetes adds JOB_COMPLETION_INDEX, by which each pod knows its shard. */
function variables(
  lists: readonly { readonly file: string }[],
  { work, completions, parallelism, shardBy, missingOnly, ecrQuotas }: BackfillOptions,
) {
  const set: Readonly<Record<string, string | undefined>> = {
    PROMOTER_IMAGES_FILE: lists.map(({ file }) => `${folder}/${file}`).join(",") || undefined,
    PROMOTER_ENVIRONMENT: "rules" in work ? work.environment : undefined,
    PROMOTER_SHARDS: String(completions),
    PROMOTER_SHARD_BY: shardBy,
    PROMOTER_QUOTA_SHARE: `1/${Math.min(parallelism, completions)}`,
    PROMOTER_ECR_QUOTA: [...ecrQuotas].map(([action, rate]) => `${action}=${rate}`).join(",") || undefined,
    PROMOTER_MISSING_ONLY: missingOnly ? "true" : undefined,
  };
  return Object.entries(set).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
