import type { RuledImage } from "./find-images.ts";

export interface LimitedImages {
  /** To be promoted, or asked about, now. */
  readonly now: readonly RuledImage[];
  /** There under the same digest: not asked about again. */
  readonly there: readonly RuledImage[];
  /** Missing, and left to the next run. */
  readonly later: readonly RuledImage[];
}

/**
 * Keeps the images of one run within the limits: each rule's for each repository, and the run's. Only what is missing
 * counts, so that one run after the other brings all there is.
 *
 * @param images those of a repository stand together, the newest first.
 */
export function limitImages(images: readonly RuledImage[], runLimit?: number): LimitedImages {
  const counts = new Map<string, number>();
  let missing = 0;
  const now: RuledImage[] = [];
  const there: RuledImage[] = [];
  const later: RuledImage[] = [];
  for (const image of images) {
    if (image.standing === "same") there.push(image);
    if (image.standing === "listed") now.push(image);
    if (image.standing !== "missing") continue;
    const { host, repository } = image.wanted.destination;
    const key = `${image.rule.name} ${host}/${repository}`;
    const count = counts.get(key) ?? 0;
    const fits =
      count < (image.rule.limit ?? Number.POSITIVE_INFINITY) &&
      missing < (runLimit ?? Number.POSITIVE_INFINITY);
    (fits ? now : later).push(image);
    if (!fits) continue;
    counts.set(key, count + 1);
    missing += 1;
  }
  return { now, there, later };
}
