import { allDone } from "../async/all-done.ts";
import { mapConcurrent } from "../async/map-concurrent.ts";
import { PromoterError } from "../error.ts";
import type { ContentWriter } from "../oci/content.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { formatReference } from "../oci/reference.ts";
import { limited, type PromotionContext } from "../promotion/context.ts";
import { reportedError } from "../promotion/image-report.ts";
import { baseOf, type IndexBase } from "./base.ts";
import { bringMembers, type MemberCopies } from "./copy-members.ts";
import { indexDocument, inOrder } from "./index-document.ts";
import type { IndexMember } from "./member.ts";
import { memberReport } from "./member-report.ts";
import { mergeMembers } from "./merge-members.ts";
import { readSource } from "./read-source.ts";
import { type IndexesReport, type IndexReport, indexesReport } from "./report.ts";
import type { IndexRequest } from "./request.ts";
import { checkMove } from "./tag.ts";

/** Indexes that are assembled at the same time. */
const indexesAtOnce = 8;

/** How often an index is read anew that somebody else has changed meanwhile. */
const maxAttempts = 5;

export interface AssemblyOptions {
  /** Whether to say what would be done, and write nothing. */
  readonly dryRun: boolean;
}

/**
 * Assembles indexes. Of each: its members first, then the index under its tag, in one request. One index's failure
 * stops no other, and never rejects: it is reported as `failed`, also because the signal was aborted.
 */
export async function assembleIndexes(
  requests: readonly IndexRequest[],
  context: PromotionContext,
  options: AssemblyOptions = { dryRun: false },
): Promise<IndexesReport> {
  const startedAt = context.clock.now();
  const indexes = await mapConcurrent(requests, indexesAtOnce, async (request): Promise<IndexReport> => {
    const index = formatReference(request.target);
    const origin = request.origin === undefined ? {} : { origin: request.origin };
    try {
      return { ...(await assembleIndex(request, context, options)), ...origin };
    } catch (thrown) {
      const error = reportedError(context.signal?.aborted ? context.signal.reason : thrown);
      return { ...nothingDone, index, status: "failed", manifests: [], error, ...origin };
    }
  });
  const kind = options.dryRun ? "IndexPlan" : "IndexReport";
  return indexesReport(indexes, { kind, startedAt, now: context.clock.now() });
}

const nothingDone = { bytesCopied: 0, bytesMounted: 0, warnings: [] } as const;

/** An index as it should be, and what its tag stands for. */
interface Assembly {
  readonly manifest: Manifest;
  readonly members: readonly IndexMember[];
  readonly warnings: readonly string[];
  readonly previous: Digest | undefined;
}

async function assembleIndex(
  request: IndexRequest,
  context: PromotionContext,
  { dryRun }: AssemblyOptions,
): Promise<IndexReport> {
  const { target } = request;
  const to = context.repositories.destination(target);
  const groups = await allDone(request.sources.map((source) => readSource(source, context)));
  const tagged = () => limited(context, "destination", (waiting) => to.resolve(target.tag, waiting));
  for (let attempt = 1; ; attempt += 1) {
    const assembly = await planIndex(request, groups, to, context);
    const { manifest, previous } = assembly;
    const { digest } = manifest.descriptor;
    if (previous === digest) return indexReport(request, assembly, "up-to-date", nothingDone);
    if (previous !== undefined) await checkMove(request, previous, to, context);
    const status = previous === undefined ? "created" : "changed";
    if (dryRun) return indexReport(request, assembly, status, nothingDone);
    const copies = await bringMembers(assembly.members, target, context);
    if (request.append && (await tagged())?.digest !== previous) {
      if (attempt === maxAttempts) throw restless(request);
      continue;
    }
    await limited(context, "destination", (waiting) => to.pushManifest(manifest, target.tag, waiting));
    const found = await tagged();
    if (found?.digest !== digest) throw notThere(request, digest, found?.digest);
    return indexReport(request, assembly, status, copies);
  }
}

async function planIndex(
  request: IndexRequest,
  groups: readonly (readonly IndexMember[])[],
  to: ContentWriter,
  context: PromotionContext,
): Promise<Assembly> {
  const { target, append, replace, annotations, format } = request;
  const base: IndexBase = append
    ? await baseOf(target, to, context)
    : await limited(context, "destination", async (waiting) => ({
        digest: (await to.resolve(target.tag, waiting))?.digest,
      }));
  const added = mergeMembers(groups, { replace });
  const { members, warnings } = mergeMembers([base.members ?? [], added.members], { replace });
  if (members.length === 0) throw nothingToName(request);
  const manifest = indexDocument({
    format: format ?? base.format ?? "oci",
    members,
    annotations: { ...base.annotations, ...annotations },
    ...(base.artifactType !== undefined && { artifactType: base.artifactType }),
    ...(base.subject && { subject: base.subject }),
  });
  return {
    manifest,
    members: inOrder(members),
    warnings: [...added.warnings, ...warnings],
    previous: base.digest,
  };
}

function indexReport(
  { target }: IndexRequest,
  { manifest, members, warnings, previous }: Assembly,
  status: IndexReport["status"],
  copies: MemberCopies,
): IndexReport {
  const { digest, mediaType } = manifest.descriptor;
  return {
    index: formatReference(target),
    status,
    digest,
    mediaType,
    ...(status === "changed" && previous !== undefined && { previousDigest: previous }),
    manifests: members.map(memberReport),
    ...copies,
    warnings: [...warnings, ...copies.warnings],
  };
}

function nothingToName({ target }: IndexRequest): PromoterError {
  return new PromoterError("InvalidInput", `${formatReference(target)} would be an index of nothing`, {
    hint: "Look at what was given: image-promoter index inspect IMAGE",
  });
}

function restless({ target }: IndexRequest): PromoterError {
  return new PromoterError(
    "VerificationFailed",
    `${formatReference(target)} was changed by others ${maxAttempts} times while it was read`,
    {
      side: "destination",
      temporary: true,
      hint: "Run it again; or let one index create follow all builds instead of an append after each",
    },
  );
}

function notThere({ target }: IndexRequest, digest: Digest, found: Digest | undefined): PromoterError {
  return new PromoterError(
    "VerificationFailed",
    `Pushed ${digest} and found ${found ?? "nothing"} at ${formatReference(target)}`,
    {
      side: "destination",
      temporary: true,
      hint: "Look for another process that pushes this tag, then run it again",
    },
  );
}
