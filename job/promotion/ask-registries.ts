import { allDone } from "../async/all-done.ts";
import { asPromoterError, hasCode, type PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Manifest } from "../oci/manifest.ts";
import { type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "./context.ts";
import { likelyMembers } from "./requests-ahead.ts";

/** Where an image was found, or why nobody can say. */
export type SourceAnswer =
  | {
      readonly state: "found";
      readonly reference: Reference;
      readonly descriptor: Descriptor;
      /** The manifest itself, where the answer held it. */
      readonly manifest?: Manifest;
    }
  | { readonly state: "missing" | "not-asked" }
  | { readonly state: "unreachable"; readonly error: PromoterError };

/** What both registries say of a reference. */
export interface Answers {
  readonly source: SourceAnswer;
  /** What the destination's tag stands for; of a reference without tag, what is there under its digest. */
  readonly named: Descriptor | undefined;
}

/**
 * Asks the destination what the reference stands for, and the sources unless that is the digest that is wanted. A tag
 * alone is asked for on both sides at the same time: only the source knows what it should be.
 */
export async function askRegistries(
  destination: Reference,
  sources: readonly Reference[],
  to: ContentWriter,
  context: PromotionContext,
): Promise<Answers> {
  const target = destination.tag ?? targetOf(destination);
  const resolving = limited(context, "destination", (waiting) => to.resolve(target, waiting));
  if (destination.digest === undefined) {
    const [named, source] = await allDone([resolving, askSources(sources, context)]);
    return { named, source };
  }
  const named = await resolving;
  if (named?.digest === destination.digest) return { named, source: { state: "not-asked" } };
  return { named, source: await askSources(sources, context) };
}

/**
 * Asks the sources in their order. What an earlier source might say of a tag outranks the later ones, so one that
 * cannot be reached ends the search; a digest is the same everywhere, so the search goes on.
 */
async function askSources(sources: readonly Reference[], context: PromotionContext): Promise<SourceAnswer> {
  let unreachable: SourceAnswer | undefined;
  for (const reference of sources) {
    try {
      const found = await askSource(reference, context);
      if (found !== undefined) return { state: "found", reference, ...found };
    } catch (thrown) {
      context.signal?.throwIfAborted();
      if (hasCode(thrown, "NameUnknown")) continue;
      unreachable ??= { state: "unreachable", error: asPromoterError(thrown) };
      if (reference.digest === undefined) return unreachable;
    }
  }
  return unreachable ?? { state: "missing" };
}

/** The manifest at once, which spares a round trip when it is needed; its head alone where that is the better question. */
async function askSource(
  reference: Reference,
  context: PromotionContext,
): Promise<{ readonly descriptor: Descriptor; readonly manifest?: Manifest } | undefined> {
  const reader = context.repositories.source(reference);
  const target = targetOf(reference);
  if (reader.prefersHead === true) {
    const descriptor = await limited(context, "source", (waiting) => reader.resolve(target, waiting));
    return descriptor && { descriptor };
  }
  // The members of an index are asked for next, and the way to each takes as long to open as this answer.
  reader.prepare?.(likelyMembers);
  const manifest = await limited(context, "source", (waiting) => reader.fetchManifest(target, waiting));
  return manifest && { descriptor: manifest.descriptor, manifest };
}
