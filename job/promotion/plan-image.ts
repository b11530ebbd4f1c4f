import type { ContentReader, ContentWriter } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { type Answers, askRegistries, type SourceAnswer } from "./ask-registries.ts";
import { findAttachments } from "./attachments.ts";
import { checkMove } from "./check-move.ts";
import { limited, type PromotionContext } from "./context.ts";
import { decide, type Findings } from "./decide.ts";
import { askGates, type GateVerdict } from "./gate.ts";
import { GraphFetcher } from "./graph.ts";
import type { FoundAttachments, PlannedImage, WantedImage } from "./image.ts";
import { imageReport, platformsOf, reportedError } from "./image-report.ts";
import type { ManifestNode } from "./manifest-node.ts";
import type { GateReport } from "./report.ts";
import { requestsAhead } from "./requests-ahead.ts";
import { unknownEverywhere } from "./unknown-everywhere.ts";

export interface PlanImageOptions {
  /** Whether attachments may still be looked for when the image itself can be copied. Default false. */
  readonly attachmentsMeanwhile?: boolean;
}

/**
 * Decides what is to be done about one image and fetches the manifests that it takes; writes nothing. Never rejects
 * for what is wrong with the image: that is a status `failed`. Rejects when aborted.
 */
export async function planImage(
  wanted: WantedImage,
  context: PromotionContext,
  options: PlanImageOptions = {},
): Promise<PlannedImage> {
  if (wanted.sources === undefined) return { wanted, report: imageReport(wanted, { status: "skipped" }) };
  try {
    return await planRouted(wanted, wanted.sources, options, context);
  } catch (thrown) {
    context.signal?.throwIfAborted();
    return { wanted, report: imageReport(wanted, { status: "failed", error: reportedError(thrown) }) };
  }
}

async function planRouted(
  wanted: WantedImage,
  sources: readonly Reference[],
  options: PlanImageOptions,
  context: PromotionContext,
): Promise<PlannedImage> {
  const { destination } = wanted;
  const to = context.repositories.destination(destination);
  const answers = await askRegistries(destination, sources, to, context);
  const graph = beginGraph(destination, answers, to, context);
  const findings = await findingsOf(destination, answers, graph, to, context);
  const { source } = answers;
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
      throw source.state === "unreachable" ? source.error : unknownEverywhere(destination, sources);
    case "unknown":
      throw unknownEverywhere(destination, sources);
    case "retagged":
    case "copied": {
      await checkMove(destination, decision, to, context);
      const { status } = decision;
      return planWork(wanted, { ...options, findings, source, graph, to, status, previous }, context);
    }
  }
}

function gateReport({ gate, detail, findings, refusal }: GateVerdict): GateReport {
  return { gate, passed: refusal === undefined, detail, findings };
}

/** An image that its source has, with the manifests that its copy takes. */
interface Graph {
  readonly from: ContentReader;
  readonly fetcher: GraphFetcher;
  readonly root: Promise<ManifestNode>;
}

/**
 * Begins to fetch what the source has, where the destination has nothing under the name; whether it has the content is
 * asked meanwhile. What would move a tag waits until it is known that the tag may be moved.
 */
function beginGraph(
  { tag, digest }: Reference,
  { named, source }: Answers,
  to: ContentWriter,
  context: PromotionContext,
): Graph | undefined {
  if (source.state !== "found" || named !== undefined) return undefined;
  const requests = requestsAhead(source.manifest);
  context.repositories.source(source.reference).prepare?.(requests);
  to.prepare?.(requests);
  to.expectImage?.({ ...(context.signal && { signal: context.signal }) });
  // Without a tag, the name that was asked for is the content's own.
  const isAbsent = tag === undefined && digest !== undefined;
  return fetchGraph(source, to, isAbsent ? false : undefined, context);
}

function fetchGraph(
  { reference, descriptor, manifest }: Extract<SourceAnswer, { state: "found" }>,
  to: ContentWriter,
  present: boolean | undefined,
  context: PromotionContext,
): Graph {
  const from = context.repositories.source(reference);
  const sides = {
    from,
    to,
    ...(present !== undefined && { present: new Map([[descriptor.digest, present]]) }),
    ...(manifest && { manifests: [manifest] }),
  };
  const fetcher = new GraphFetcher(sides, context);
  return { from, fetcher, root: fetcher.fetch(descriptor) };
}

async function findingsOf(
  { tag, digest }: Reference,
  { named, source }: Answers,
  graph: Graph | undefined,
  to: ContentWriter,
  context: PromotionContext,
): Promise<Findings> {
  const wanted = digest ?? (source.state === "found" ? source.descriptor.digest : undefined);
  const tagged = tag !== undefined || digest === undefined;
  const known = { wanted, tagged, atTag: tagged ? named : undefined, source: source.state };
  if (wanted === undefined || named?.digest === wanted || !tagged) return { ...known, atDestination: named };
  if (graph !== undefined) {
    const { present, manifest } = await graph.root;
    return { ...known, atDestination: present ? manifest.descriptor : undefined };
  }
  const atDestination = await limited(context, "destination", (waiting) => to.resolve(wanted, waiting));
  return { ...known, atDestination };
}

interface Work extends PlanImageOptions {
  readonly findings: Findings;
  readonly source: SourceAnswer;
  /** What has been begun already. */
  readonly graph: Graph | undefined;
  readonly to: ContentWriter;
  readonly status: "retagged" | "copied";
  readonly previous: { readonly previousDigest?: Digest };
}

async function planWork(wanted: WantedImage, work: Work, context: PromotionContext): Promise<PlannedImage> {
  const { source, to, status, previous } = work;
  const { destination } = wanted;
  const found = source.state === "found" ? source : undefined;
  const { from, fetcher, root: fetching } = work.graph ?? graphOf(wanted, work, context);
  const root = await fetching;
  const search =
    found === undefined ? Promise.resolve(nothingAttached) : findAttachments(root, from, fetcher, context);
  const meanwhile = mayGoAhead(destination, work, context);
  const { attachments, warnings } = meanwhile ? nothingAttached : await search;
  // Whoever copies the image gets its error.
  if (meanwhile) search.catch(() => undefined);
  const verdicts = await askGates(
    context.gates ?? [],
    { destination, source: found?.reference, from, root, attachments },
    context,
  );
  const report = imageReport(wanted, {
    status,
    ...identity(root.manifest.descriptor),
    ...(verdicts.length > 0 && { gates: verdicts.map(gateReport) }),
    ...previous,
    ...(found && { source: formatReference(found.reference) }),
    platforms: platformsOf(root),
    referrers: attachments.length,
    warnings,
  });
  const refusal = verdicts.find((verdict) => verdict.refusal !== undefined)?.refusal;
  if (refusal !== undefined) {
    return { wanted, report: { ...report, status: "failed", error: reportedError(refusal) } };
  }
  const claim = context.attestor && {
    destination,
    source: found?.reference,
    gates: verdicts.map(gateReport),
    ...previous,
  };
  return {
    wanted,
    report,
    work: {
      ...{ from, to, root, attachments, tag: destination.tag },
      ...(meanwhile && { search }),
      ...(claim && { claim }),
    },
  };
}

const nothingAttached: FoundAttachments = { attachments: [], warnings: [] };

/** Gates judge attachments as well; and without a tag, which comes last, attachments come before the image. */
function mayGoAhead(
  { tag }: Reference,
  { attachmentsMeanwhile }: Work,
  { gates = [] }: PromotionContext,
): boolean {
  return attachmentsMeanwhile === true && tag !== undefined && gates.length === 0;
}

/** The graph of an image of which something is at the destination; from there when no source has it any more. */
function graphOf(wanted: WantedImage, { findings, source, to }: Work, context: PromotionContext): Graph {
  const { atDestination } = findings;
  if (source.state === "found") return fetchGraph(source, to, atDestination !== undefined, context);
  if (atDestination === undefined) throw unknownEverywhere(wanted.destination, wanted.sources ?? []);
  const fetcher = new GraphFetcher(
    { from: to, to, present: new Map([[atDestination.digest, true]]) },
    context,
  );
  return { from: to, fetcher, root: fetcher.fetch(atDestination) };
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
