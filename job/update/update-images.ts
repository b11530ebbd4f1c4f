import { mapConcurrent } from "../async/map-concurrent.ts";
import { reportedError } from "../promotion/image-report.ts";
import { type Route, repositoryOf, routeImage } from "../promotion/route.ts";
import type {
  BrokenImage,
  CurrentImage,
  FileEdit,
  FileTree,
  ImageVersion,
  NewImage,
  TargetWriter,
  UpdatedImage,
  UpdateSubject,
  UpdateTarget,
} from "./application.ts";
import { decidedTarget } from "./decided-target.ts";
import { findVersion } from "./find-version.ts";
import type { ImageUpdate } from "./report.ts";
import { StagedTree } from "./staged-tree.ts";
import type { TagRegistry } from "./tag-registry.ts";

/** What an update of images works with. */
export interface UpdateTools {
  readonly registry: TagRegistry;
  readonly writer: TargetWriter;
  /** Where promoted images come from: newer tags are there first. */
  readonly routes: readonly Route[];
  /** Images that are looked for at the same time. */
  readonly concurrency: number;
}

/**
 * Looks for the newest version of each image of some applications, all at the same time, and then writes them to the
 * files of a tree. What goes wrong with one image is in its report, and leaves its files as they are.
 */
export async function updateImages(
  subjects: readonly UpdateSubject[],
  tree: FileTree,
  tools: UpdateTools,
  signal: AbortSignal,
): Promise<ReadonlyMap<UpdateSubject, readonly ImageUpdate[]>> {
  const wanted = subjects.flatMap((subject) => subject.images.map((image) => ({ subject, image })));
  const looks = await mapConcurrent(wanted, tools.concurrency, async ({ subject, image }) => ({
    subject,
    look: await settled(image, signal, () => look(image, tree, tools)),
  }));
  const updates = new Map<UpdateSubject, ImageUpdate[]>(subjects.map((subject) => [subject, []]));
  // One after the other: two images may stand in the same file.
  for (const { subject, look } of looks) {
    const update =
      "status" in look ? look : await settled(look.image, signal, () => write(look, tree, tools));
    updates.get(subject)?.push(update);
  }
  for (const subject of subjects) updates.get(subject)?.push(...subject.broken.map(brokenUpdate));
  return updates;
}

function brokenUpdate({ alias, error }: BrokenImage): ImageUpdate {
  return { alias, status: "failed", edits: [], error: reportedError(error) };
}

interface Found {
  readonly image: UpdatedImage;
  readonly targets: readonly UpdateTarget[];
  readonly current: CurrentImage | undefined;
  readonly version: ImageVersion;
  readonly note?: string | undefined;
}

async function look(image: UpdatedImage, tree: FileTree, tools: UpdateTools): Promise<Found> {
  const targets = await Promise.all(image.targets.map((target) => decidedTarget(tree, target)));
  const [first] = targets;
  const current = first && (await tools.writer.current(tree, first));
  const sources = image.sources ?? routeImage(image.image, tools.routes) ?? [image.image];
  const { version, note } = await findVersion({ policy: image.policy, sources, current }, tools.registry);
  return { image, targets, current, version, note };
}

async function write(found: Found, tree: FileTree, { writer }: UpdateTools): Promise<ImageUpdate> {
  const { image, targets, current, version, note } = found;
  const staged = new StagedTree(tree);
  const edits: FileEdit[] = [];
  const written: NewImage = { name: image.name, ...version };
  for (const target of targets) edits.push(...(await writer.write(staged, target, written)));
  await staged.commit();
  const from = current && versionOf(current);
  return {
    alias: image.alias,
    image: repositoryOf(image.image),
    status: edits.length > 0 ? "updated" : "up-to-date",
    ...(from !== undefined && { from }),
    to: version,
    ...(note !== undefined && { note }),
    edits,
  };
}

function versionOf({ tag, digest }: ImageVersion): ImageVersion {
  return { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

async function settled<T>(
  { alias, image }: UpdatedImage,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T | ImageUpdate> {
  try {
    return await work();
  } catch (thrown) {
    signal.throwIfAborted();
    return {
      alias,
      image: repositoryOf(image),
      status: "failed",
      edits: [],
      error: reportedError(thrown),
    };
  }
}
