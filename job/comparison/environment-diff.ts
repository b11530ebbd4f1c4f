import type { FoundImage } from "./find-image.ts";

/**
 * `retagged`: another tag for the same content. `unknown`: written alike, and a registry could not be asked whether it
 * still is.
 */
export type ModuleStatus = "changed" | "added" | "removed" | "retagged" | "unknown" | "same";

export interface ModuleDiff {
  readonly module: string;
  readonly status: ModuleStatus;
  readonly a: readonly FoundImage[];
  readonly b: readonly FoundImage[];
}

/** What differs between two environments, by module. */
export interface EnvironmentDiff {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "EnvironmentDiff";
  /** What was compared, as the command line names it. */
  readonly a: string;
  readonly b: string;
  readonly summary: Readonly<Record<ModuleStatus | "modules", number>> & {
    /** Images of `b` that are not where its manifests say. */
    readonly notPromoted: number;
  };
  readonly modules: readonly ModuleDiff[];
}

export function environmentDiff(
  { a, b }: Pick<EnvironmentDiff, "a" | "b">,
  pairs: readonly Omit<ModuleDiff, "status">[],
): EnvironmentDiff {
  const modules = pairs.map((pair) => ({
    module: pair.module,
    status: statusOf(pair),
    a: pair.a,
    b: pair.b,
  }));
  const count = (status: ModuleStatus) => modules.filter((module) => module.status === status).length;
  return {
    apiVersion: "image-promoter/v1",
    kind: "EnvironmentDiff",
    a,
    b,
    summary: {
      modules: modules.length,
      changed: count("changed"),
      added: count("added"),
      removed: count("removed"),
      retagged: count("retagged"),
      unknown: count("unknown"),
      same: count("same"),
      notPromoted: modules.flatMap((module) => module.b).filter(({ promoted }) => promoted === false).length,
    },
    modules,
  };
}

/** True when the two sides would not run the same. What could not be asked is not told here. */
export function differs({ summary }: EnvironmentDiff): boolean {
  return summary.changed + summary.added + summary.removed + summary.retagged > 0;
}

function statusOf({ a, b }: Omit<ModuleDiff, "status">): ModuleStatus {
  if (a.length === 0) return "added";
  if (b.length === 0) return "removed";
  const isWrittenAlike = sameSet(a.map(writtenOf), b.map(writtenOf));
  const [digestsOfA, digestsOfB] = [knownDigests(a), knownDigests(b)];
  if (digestsOfA === undefined || digestsOfB === undefined) {
    if (!isWrittenAlike) return "changed";
    return [...a, ...b].some(({ error }) => error !== undefined) ? "unknown" : "same";
  }
  if (!sameSet(digestsOfA, digestsOfB)) return "changed";
  return isWrittenAlike || sameSet(a.map(tagOf), b.map(tagOf)) ? "same" : "retagged";
}

/** The digests of all images, or undefined where one is not known. */
function knownDigests(images: readonly FoundImage[]): readonly string[] | undefined {
  const digests = images.flatMap(({ digest }) => digest ?? []);
  return digests.length === images.length ? digests : undefined;
}

/** Tag and digest as the manifests have them. */
function writtenOf({ image, tag = "" }: FoundImage): string {
  const at = image.indexOf("@");
  return at < 0 ? tag : `${tag}${image.slice(at)}`;
}

function tagOf({ tag = "" }: FoundImage): string {
  return tag;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [new Set(one), new Set(other)];
  return a.size === b.size && one.every((text) => b.has(text));
}
