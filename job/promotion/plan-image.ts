import { allDone } from "../async/all-done.ts";
import { asPromoterError, hasCode, PromoterError } from "../error.ts";
import type { ContentReader, ContentWriter } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { findAttachments } from "./attachments.ts";
import { limited, type PromotionContext } from "./context.ts";
import { type Decision, decide, type Findings } from "./decide.ts";
import { askGates, type GateVerdict } from "./gate.ts";
import { GraphFetcher } from "./graph.ts";
import type { PlannedImage, WantedImage } from "./image.ts";
import { imageReport, platformsOf, reportedError } from "./image-report.ts";
import type { GateReport } from "./report.ts";
import { repositoryOf } from "./route.ts";

/** Where an image was found, or why nobody can say. */
type SourceAnswer =
  | { readonly state: "found"; readonly reference: Reference; readonly descriptor: Descriptor }
  | { readonly state: "missing" | "not-asked" }
  | { readonly state: "unreachable"; readonly error: PromoterError };

/**
 * Decides what is to be done about one image and fetches the manifests that it takes; writes nothing. Never rejects
 * for what is wrong with the image: that is a status `failed`. Rejects when aborted.
 */
export async function planImage(wanted: WantedImage, context: PromotionContext): Promise<PlannedImage> {
  if (wanted.sources === undefined) return { wanted, report: imageReport(wanted, { status: "skipped" }) };
  try {
    return await planRouted(wanted, wanted.sources, context);
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return { wanted, report: imageReport(wanted, { status: "failed", error: reportedError(thrown) }) };
  }
}

async function planRouted(
  wanted: WantedImage,
  sources: readonly Reference[],
  context: PromotionContext,
): Promise<PlannedImage> {
  const to = context.repositories.destination(wanted.destination);
  const { findings, source } = await ask(wanted.destination, sources, to, context);
  const decision = decide(findings);
  const previous = "moves" in decision && decision.moves ? { previousDigest: decision.moves } : {};
  switch (decision.status) {
    case "up-to-date": {
      const descriptor = findings.atTag ?? findings.atDestination;
      return { wanted, report: imageReport(wanted, { status: "up-to-date", ...identity(descriptor) }) };
    }
    case "kept": {
      const warnings = [keptWarning(sources, source)];
      return {
        wanted,
        report: imageReport(wanted, { status: "kept", ...identity(findings.atTag), warnings }),
      };
    }
    case "unreachable":
      throw source.state === "unreachable" ? source.error : unknownEverywhere(wanted.destination, sources);
    case "unknown":
      throw unknownEverywhere(wanted.destination, sources);
    case "retagged":
    case "copied": {
      await checkMove(wanted.destination, decision, to, context);
      return planWork(wanted, { findings, source, to, status: decision.status, previous }, context);
    }
  }
}

function gateReport({ gate, detail, findings, refusal }: GateVerdict): GateReport {
  return { gate, passed: refusal === undefined, detail, findings };
}

interface Work {
  readonly findings: Findings;
  readonly source: SourceAnswer;
  readonly to: ContentWriter;
  readonly status: "retagged" | "copied";
  readonly previous: { readonly previousDigest?: Digest };
}

async function planWork(wanted: WantedImage, work: Work, context: PromotionContext): Promise<PlannedImage> {
  const { findings, source, to, status, previous } = work;
  const found = source.state === "found" ? source : undefined;
  // What is at the destination already is put under its tag from there when the source is gone.
  const from: ContentReader = found === undefined ? to : context.repositories.source(found.reference);
  const root = found?.descriptor ?? findings.atDestination;
  if (root === undefined) throw unknownEverywhere(wanted.destination, wanted.sources ?? []);
  const present = new Map([[root.digest, findings.atDestination !== undefined]]);
  const fetcher = new GraphFetcher({ from, to, present }, context);
  const node = await fetcher.fetch(root);
  const { attachments, warnings } =
    found === undefined
      ? { attachments: [], warnings: [] }
      : await findAttachments(node, from, fetcher, context);
  const verdicts = await askGates(
    context.gates ?? [],
    { destination: wanted.destination, source: found?.reference, from, root: node, attachments },
    context,
  );
  const report = imageReport(wanted, {
    status,
    ...identity(root),
    ...(verdicts.length > 0 && { gates: verdicts.map(gateReport) }),
    ...previous,
    ...(found && { source: formatReference(found.reference) }),
    platforms: platformsOf(node),
    referrers: attachments.length,
    warnings,
  });
  const refusal = verdicts.find((verdict) => verdict.refusal !== undefined)?.refusal;
  if (refusal !== undefined) {
    return { wanted, report: { ...report, status: "failed", error: reportedError(refusal) } };
  }
  const { destination } = wanted;
  const claim = context.attestor && {
    destination,
    source: found?.reference,
    gates: verdicts.map(gateReport),
    ...previous,
  };
  return {
    wanted,
    report,
    work: { from, to, root: node, attachments, tag: destination.tag, ...(claim && { claim }) },
  };
}

/** Asks both registries, at the same time where both answers are needed. */
async function ask(
  destination: Reference,
  sources: readonly Reference[],
  to: ContentWriter,
  context: PromotionContext,
): Promise<{ findings: Findings; source: SourceAnswer }> {
  const { tag, digest } = destination;
  const resolveAt = (target: string) =>
    limited(context, "destination", (waiting) => to.resolve(target, waiting));
  if (digest !== undefined) {
    const named = await resolveAt(tag ?? digest);
    const atTag = tag === undefined ? undefined : named;
    if (named?.digest === digest)
      return settled({ wanted: digest, tagged: tag !== undefined, atTag, atDestination: named });
    const [atDestination, source] = await allDone([
      tag === undefined ? Promise.resolve(undefined) : resolveAt(digest),
      askSources(sources, context),
    ]);
    return {
      source,
      findings: { wanted: digest, tagged: tag !== undefined, atTag, atDestination, source: source.state },
    };
  }
  const [atTag, source] = await allDone([resolveAt(targetOf(destination)), askSources(sources, context)]);
  const wanted = source.state === "found" ? source.descriptor.digest : undefined;
  const atDestination = wanted === undefined || atTag?.digest === wanted ? atTag : await resolveAt(wanted);
  return { source, findings: { wanted, tagged: true, atTag, atDestination, source: source.state } };
}

function settled(findings: Omit<Findings, "source">): { findings: Findings; source: SourceAnswer } {
  return { findings: { ...findings, source: "not-asked" }, source: { state: "not-asked" } };
}

/**
 * Asks the sources in their order. What an earlier source might say of a tag outranks the later ones, so one that
 * cannot be reached ends the search; a digest is the same everywhere, so the search goes on.
 */
async function askSources(sources: readonly Reference[], context: PromotionContext): Promise<SourceAnswer> {
  let unreachable: SourceAnswer | undefined;
  for (const reference of sources) {
    try {
      const reader = context.repositories.source(reference);
      const descriptor = await limited(context, "source", (waiting) =>
        reader.resolve(targetOf(reference), waiting),
      );
      if (descriptor !== undefined) return { state: "found", reference, descriptor };
    } catch (thrown) {
      context.signal?.throwIfAborted();
      if (hasCode(thrown, "NameUnknown")) continue;
      unreachable ??= { state: "unreachable", error: asPromoterError(thrown) };
      if (reference.digest === undefined) return unreachable;
    }
  }
  return unreachable ?? { state: "missing" };
}

/** @throws {PromoterError} `OverwriteRefused` or `TagImmutable` when the tag stands for another digest and must stay. */
async function checkMove(
  destination: Reference,
  decision: Decision,
  to: ContentWriter,
  context: PromotionContext,
): Promise<void> {
  if (!("moves" in decision) || decision.moves === undefined || destination.tag === undefined) return;
  const { tag } = destination;
  const standsFor = `${repositoryOf(destination)}:${tag} stands for ${decision.moves}`;
  if (context.overwrite === "never") {
    throw new PromoterError("OverwriteRefused", `Refused to move a tag: ${standsFor}`, {
      side: "destination",
      hint: "Promote under a new tag, or allow moving tags with --overwrite mutable",
    });
  }
  const immutable = await limited(context, "destination", async (waiting) => to.isImmutable?.(tag, waiting));
  if (immutable !== true) return;
  throw new PromoterError(
    "TagImmutable",
    `Cannot move an immutable tag: ${standsFor}, and another image is wanted`,
    {
      side: "destination",
      hint: "Promote under a new tag; the repository's settings forbid that a tag changes its meaning",
    },
  );
}

function identity(descriptor: Descriptor | undefined): { digest?: Digest; mediaType?: string } {
  return descriptor === undefined ? {} : { digest: descriptor.digest, mediaType: descriptor.mediaType };
}

function keptWarning(sources: readonly Reference[], source: SourceAnswer): string {
  const names = sources.map(formatReference).join(", ");
  return source.state === "unreachable"
    ? `Kept what is there: the source could not be asked (${source.error.message})`
    : `Kept what is there: no source has it any more (${names})`;
}

function unknownEverywhere(destination: Reference, sources: readonly Reference[]): PromoterError {
  const asked = sources.map(formatReference).join(", ");
  return new PromoterError(
    "ManifestUnknown",
    `Cannot find ${formatReference(destination)} anywhere: asked ${asked}`,
    {
      side: "source",
      hint: "Check the tag, and that the build has pushed it to the source registry",
    },
  );
}
