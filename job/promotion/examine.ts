import { mapConcurrent } from "../async/map-concurrent.ts";
import { asPromoterError, hasCode, type Side } from "../error.ts";
import type { ContentReader, ContentWriter } from "../oci/content.ts";
import { readManifest } from "../oci/manifest.ts";
import { formatReference, type Reference, targetOf } from "../oci/reference.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { WantedImage } from "./image.ts";
import type { Inspecting, PlanOptions } from "./plan.ts";
import { planImage } from "./plan-image.ts";
import { repositoryOf } from "./route.ts";

/** One thing that a promotion needs, and whether it is so. */
export interface Check {
  /** Absent where neither registry is concerned. */
  readonly side?: Side;
  /** What was looked at: an image, a repository, or an object of a manifest. */
  readonly subject: string;
  /** What was tried: `find`, `read`, `repository`, `push`, `settings`, `connect`; `hook` looks at manifests alone. */
  readonly check: "find" | "read" | "repository" | "push" | "settings" | "connect" | "hook";
  readonly status: "ok" | "warning" | "failed";
  readonly message: string;
  readonly hint?: string;
  /** Of a failed check: whether trying again later may help. */
  readonly temporary?: boolean;
}

export type ExamineOptions = Pick<PlanOptions, "createRepositories" | "inspect">;

/** Tries what promoting these images takes, without writing: finds and reads them, and begins an upload for each repository. */
export async function examineImages(
  wanted: readonly WantedImage[],
  options: ExamineOptions,
  context: PromotionContext,
): Promise<readonly Check[]> {
  const routed = wanted.filter(({ sources }) => sources !== undefined);
  const reading = mapConcurrent(routed, context.limit.size, (image) => examineSources(image, context));
  const repositories = [...Map.groupBy(routed, ({ destination }) => repositoryOf(destination)).values()];
  const writing = mapConcurrent(repositories, context.limit.size, ([image]) =>
    image === undefined ? Promise.resolve([]) : examineDestination(image.destination, options, context),
  );
  const hosts = routed.map(({ destination }) => destination.host);
  const settings = mapConcurrent(routed, context.limit.size, (image, position) => {
    const mounts = hosts.indexOf(image.destination.host) === position;
    return examineSettings(image, { thorough: true, mounts }, options, context);
  });
  return (await Promise.all([reading, writing, settings])).flat(2);
}

async function examineSources(image: WantedImage, context: PromotionContext): Promise<Check[]> {
  const checks: Check[] = [];
  for (const reference of image.sources ?? []) {
    const reader = context.repositories.source(reference);
    const subject = formatReference(reference);
    const find = await attempt({ side: "source", subject, check: "find" }, context, async () => {
      const found = await reader.resolve(targetOf(reference), context);
      return found === undefined ? undefined : `found as ${found.digest}`;
    });
    if (find !== undefined) checks.push(find);
    if (find?.status !== "ok") continue;
    const read = await attempt({ side: "source", subject, check: "read" }, context, () =>
      readSome(reader, reference, context),
    );
    return [...checks, ...(read ? [read] : [])];
  }
  return checks.length > 0 ? checks : [notFound(image)];
}

/** Reads the manifest and the first bytes of its smallest blob: that is where the registry's storage comes in. */
async function readSome(
  reader: ContentReader,
  reference: Reference,
  context: PromotionContext,
): Promise<string> {
  let manifest = await reader.fetchManifest(targetOf(reference), context);
  const [member] = manifest === undefined ? [] : readManifest(manifest).manifests;
  if (member !== undefined) manifest = await reader.fetchManifest(member.digest, context);
  const blobs = manifest === undefined ? [] : readManifest(manifest).blobs;
  const [smallest] = blobs.toSorted((one, other) => one.size - other.size);
  if (smallest === undefined) return "the manifest can be read";
  for await (const _ of await reader.fetchBlob(smallest, context)) break;
  return "manifest and layers can be read";
}

async function examineDestination(
  destination: Reference,
  { createRepositories }: ExamineOptions,
  context: PromotionContext,
): Promise<Check[]> {
  const to = context.repositories.destination(destination);
  const about = { side: "destination", subject: repositoryOf(destination) } as const;
  const missing = "the repository is missing";
  const exists = await attempt({ ...about, check: "repository" }, context, async () => {
    const answer = await to.exists?.(context);
    if (answer === false) return createRepositories ? `${missing} and will be created` : missing;
    return answer === undefined ? undefined : "the repository is there";
  });
  if (exists?.message === missing) {
    return [{ ...exists, status: "failed", hint: "Create it, or promote with --create-repositories" }];
  }
  if (exists !== undefined && (exists.status !== "ok" || exists.message !== "the repository is there"))
    return [exists];
  const push = await attempt({ ...about, check: "push" }, context, () => tryPush(to, destination, context));
  return [...(exists ? [exists] : []), ...(push ? [push] : [])];
}

async function tryPush(
  to: ContentWriter,
  destination: Reference,
  context: PromotionContext,
): Promise<string> {
  await to.resolve(targetOf(destination), context);
  await to.tryUpload?.(context);
  return "layers may be pushed";
}

async function examineSettings(
  image: WantedImage,
  inspecting: Inspecting,
  { inspect }: ExamineOptions,
  context: PromotionContext,
): Promise<Check[]> {
  if (inspect === undefined) return [];
  const planned = await planImage(image, context);
  // An image that cannot be planned has said so where it was looked for.
  if (planned.work === undefined) return [];
  const subject = formatReference(image.destination);
  try {
    return (await inspect(planned, inspecting)).map((message) => ({
      side: "destination",
      subject,
      check: "settings",
      status: "warning",
      message,
    }));
  } catch (thrown) {
    context.signal?.throwIfAborted();
    const { message, hint } = asPromoterError(thrown);
    return [
      { side: "destination", subject, check: "settings", status: "warning", message, ...(hint && { hint }) },
    ];
  }
}

/** Runs one check; `undefined` from `work` is nothing to tell. */
export async function attempt(
  about: Pick<Check, "subject" | "check"> & { readonly side: Side },
  context: PromotionContext,
  work: () => Promise<string | undefined>,
): Promise<Check | undefined> {
  try {
    const message = await limited(context, about.side, work);
    return message === undefined ? undefined : { ...about, status: "ok", message };
  } catch (thrown) {
    context.signal?.throwIfAborted();
    if (about.check === "find" && hasCode(thrown, "NameUnknown")) return undefined;
    const { message, hint, temporary } = asPromoterError(thrown);
    return { ...about, status: "failed", message, temporary, ...(hint && { hint }) };
  }
}

function notFound(image: WantedImage): Check {
  const asked = (image.sources ?? []).map(formatReference).join(", ");
  return {
    side: "source",
    subject: formatReference(image.destination),
    check: "find",
    status: "failed",
    message: `no source has it: asked ${asked}`,
    hint: "Check the tag, and that the build has pushed it to the source registry",
    temporary: false,
  };
}
