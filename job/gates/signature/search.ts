import type { Waiting } from "../../oci/content.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { type Manifest, readManifest } from "../../oci/manifest.ts";
import { mediaTypes } from "../../oci/media-type.ts";
import type { Target } from "../../oci/reference.ts";
import { cosignTags } from "../../oci/referrers-tag.ts";
import type { GateCandidate } from "../../promotion/gate.ts";
import { bundleType } from "./bundle.ts";
import { simpleSigningType } from "./simple-signing.ts";

/** Manifests that may hold signatures, of one image: as many are fetched, and no more. */
const maxManifests = 50;

/** Referrers that are looked through for them. */
const maxReferrers = 10_000;

/** What referrers that hold signatures are listed as; some registries list the type of an empty config instead. */
const carrierTypes: ReadonlySet<string> = new Set([
  "application/vnd.dev.cosign.artifact.sig.v1+json",
  mediaTypes.empty,
  mediaTypes.ociConfig,
]);

/** A layer that may be a signature, or why a place where there may be some could not be asked. */
export type FoundLayer = { readonly layer: Descriptor } | { readonly failed: unknown };

/**
 * The layers beside an image that may be its signatures, in the order in which they cost: first what the plan has
 * fetched already, then cosign's tag, then the list of referrers. Ends early when the caller does; what cannot be
 * asked comes as an error in place of a layer, because another place may have what suffices.
 */
export async function* signatureLayers(
  { root, attachments, from }: GateCandidate,
  options: Waiting,
): AsyncGenerator<FoundLayer, void, undefined> {
  const subject = root.manifest.descriptor.digest;
  const seen = new Set<Target>();
  for (const { subject: about, node } of attachments) {
    if (about !== subject) continue;
    seen.add(node.manifest.descriptor.digest);
    yield* layersOf(node.manifest);
  }
  let fetched = 0;
  const fetch = async (target: Target): Promise<readonly FoundLayer[]> => {
    fetched += 1;
    const manifest = await from.fetchManifest(target, options);
    if (manifest === undefined || seen.has(manifest.descriptor.digest)) return [];
    seen.add(manifest.descriptor.digest);
    return layersOf(manifest);
  };
  const tag = cosignTags(subject).find((name) => name.endsWith(".sig"));
  if (tag !== undefined) yield* await orFailure(() => fetch(tag));
  let listed = 0;
  try {
    for await (const referrer of from.referrers(subject, options)) {
      listed += 1;
      if (listed > maxReferrers || fetched > maxManifests) return;
      if (seen.has(referrer.digest) || !mayCarrySignatures(referrer)) continue;
      yield* await orFailure(() => fetch(referrer.digest));
    }
  } catch (failed) {
    yield { failed };
  }
}

async function orFailure(ask: () => Promise<readonly FoundLayer[]>): Promise<readonly FoundLayer[]> {
  try {
    return await ask();
  } catch (failed) {
    return [{ failed }];
  }
}

function layersOf(manifest: Manifest): readonly FoundLayer[] {
  return readManifest(manifest)
    .blobs.filter(({ mediaType }) => mediaType === simpleSigningType || mediaType.startsWith(bundleType))
    .map((layer) => ({ layer }));
}

function mayCarrySignatures({ artifactType }: Descriptor): boolean {
  return artifactType === undefined || artifactType.startsWith(bundleType) || carrierTypes.has(artifactType);
}
