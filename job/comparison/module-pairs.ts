import { formatReference, type Reference } from "../oci/reference.ts";
import { type RegistryPrefix, repositoryOf } from "../promotion/route.ts";

/** A repository by the part of its name that is the same in every environment, with the images that each side runs. */
export interface ModulePair {
  readonly module: string;
  readonly a: readonly Reference[];
  readonly b: readonly Reference[];
}

/**
 * Brings the images of two environments together. Hosts and prefixes differ between environments, so an image below one
 * of the known prefixes goes by what follows it. Any other goes by its whole name where the other side has the same
 * repository, and by the repository without its host where it has not.
 */
export function modulePairs(
  a: readonly Reference[],
  b: readonly Reference[],
  prefixes: readonly RegistryPrefix[],
): readonly ModulePair[] {
  const shared = new Set(b.map(repositoryOf));
  const onBothSides = new Set(a.map(repositoryOf).filter((name) => shared.has(name)));
  const nameOf = (image: Reference) =>
    nameBelow(image, prefixes) ??
    (onBothSides.has(repositoryOf(image)) ? repositoryOf(image) : image.repository);
  const [ofA, ofB] = [grouped(a, nameOf), grouped(b, nameOf)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .sort()
    .map((module) => ({ module, a: ofA.get(module) ?? [], b: ofB.get(module) ?? [] }));
}

/** What follows the longest prefix that a repository is below; undefined when it is below none. */
export function nameBelow(
  { host, repository }: Reference,
  prefixes: readonly RegistryPrefix[],
): string | undefined {
  return prefixes
    .filter(
      (known) => known.host === host && (known.prefix === "" || repository.startsWith(`${known.prefix}/`)),
    )
    .map(({ prefix }) => (prefix === "" ? repository : repository.slice(prefix.length + 1)))
    .sort((one, other) => one.length - other.length)
    .at(0);
}

function grouped(
  images: readonly Reference[],
  nameOf: (image: Reference) => string,
): ReadonlyMap<string, readonly Reference[]> {
  const once = new Map(images.map((image) => [formatReference(image), image]));
  const sorted = [...once].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, image]) => image);
  return Map.groupBy(sorted, nameOf);
}
