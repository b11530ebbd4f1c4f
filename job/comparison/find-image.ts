import { hasCode } from "../error.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { reportedError } from "../promotion/image-report.ts";
import type { ReportedError } from "../promotion/report.ts";
import { type Route, routeImage } from "../promotion/route.ts";

/** An image of one side, as it is written and as the registries know it. */
export interface FoundImage {
  /** As the manifests name it. */
  readonly image: string;
  readonly tag?: string;
  /** What is written, else what the registry says; absent where nobody has the image, or nobody was asked. */
  readonly digest?: string;
  /** Whether the registry that the manifests name has it; absent where it was not asked. */
  readonly promoted?: boolean;
  /** Where its digest is known from, when it is not promoted yet. */
  readonly source?: string;
  /** Why a registry could not be asked. */
  readonly error?: ReportedError;
}

/** What is written of an image. */
export function writtenImage(reference: Reference): FoundImage {
  const { tag, digest } = reference;
  return {
    image: formatReference(reference),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Asks for an image where the manifests say that it is, and where it is not, where routes say that it comes from. */
export async function findImage(
  reference: Reference,
  routes: readonly Route[],
  context: PromotionContext,
): Promise<FoundImage> {
  const written = writtenImage(reference);
  try {
    const digest = await resolve(reference, "destination", context);
    if (digest !== undefined) return { ...written, digest, promoted: true };
    for (const source of routeImage(reference, routes) ?? []) {
      const found = await resolve(source, "source", context);
      if (found !== undefined)
        return { ...written, digest: found, promoted: false, source: formatReference(source) };
    }
    return { ...written, promoted: false };
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return { ...written, error: reportedError(thrown) };
  }
}

async function resolve(
  reference: Reference,
  side: "source" | "destination",
  context: PromotionContext,
): Promise<string | undefined> {
  const reader = context.repositories.source(reference);
  try {
    return (await limited(context, side, (waiting) => reader.resolve(targetOf(reference), waiting)))?.digest;
  } catch (error) {
    if (hasCode(error, "NameUnknown")) return undefined;
    throw error;
  }
}
