import { repositoryOf } from "../promotion/route.ts";
import type { RuledRepository } from "./find-images.ts";

/**
 * What rules wanted at the beginning, or want by now: what was pushed meanwhile may have been promoted by others, and
 * what it has pushed out of the newest was promised. A repository that is in one of the two only is left out, for
 * nobody knows what becomes of it.
 */
export function mergeFindings(
  before: readonly RuledRepository[],
  now: readonly RuledRepository[],
): readonly RuledRepository[] {
  const known = new Map(before.map((repository) => [repositoryOf(repository.destination), repository]));
  return now.flatMap((repository) => {
    const earlier = known.get(repositoryOf(repository.destination));
    return earlier === undefined
      ? []
      : [{ ...repository, images: [...earlier.images, ...repository.images] }];
  });
}
