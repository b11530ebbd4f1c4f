import { mapConcurrent } from "../async/map-concurrent.ts";
import { reportedError } from "../promotion/image-report.ts";
import type {
  BranchOutcome,
  ChangeSet,
  FileTree,
  GitBranch,
  GitRepositories,
  ImageChange,
  UpdateSubject,
} from "./application.ts";
import { redactedAddress } from "./redacted-address.ts";
import type { ApplicationUpdate, ImageUpdate } from "./report.ts";
import { type UpdateTools, updateImages } from "./update-images.ts";

export interface UpdateOptions extends UpdateTools {
  readonly git: GitRepositories;
  readonly dryRun: boolean;
  /** Branches that are worked on at the same time. */
  readonly atOnce: number;
  readonly signal: AbortSignal;
}

/**
 * Updates applications: those of one branch together, by one commit, and several branches at the same time. What goes
 * wrong with one branch is in the reports of its applications, and stops no other.
 */
export async function updateBranches(
  subjects: readonly UpdateSubject[],
  options: UpdateOptions,
): Promise<readonly ApplicationUpdate[]> {
  const branches = [...Map.groupBy(subjects, branchKey).values()];
  const updated = await mapConcurrent(branches, options.atOnce, (group) => updateBranch(group, options));
  const reports = new Map(updated.flat());
  return subjects.flatMap((subject) => reports.get(subject) ?? []);
}

/** A branch of its own for each application may be wanted by the name that is made for it. */
function branchKey({ name, source }: UpdateSubject): string {
  const { repository, branch = "", writeBranch = "" } = source;
  const words = writeBranch.split("{{").map((word) => word.split("}}", 1)[0] ?? "");
  const isOwn = words.slice(1).some((word) => /\b(?:AppName|application)\b/.test(word));
  return JSON.stringify([repository, branch, writeBranch, isOwn ? name : ""]);
}

type Reports = readonly (readonly [UpdateSubject, ApplicationUpdate])[];

async function updateBranch(group: readonly UpdateSubject[], options: UpdateOptions): Promise<Reports> {
  const { git, dryRun, signal } = options;
  const [first] = group;
  if (first === undefined) return [];
  if (group.every(({ images, broken }) => images.length + broken.length === 0)) {
    return group.map((subject) => [subject, applicationUpdate(subject, [])]);
  }
  const { repository, branch, writeBranch } = first.source;
  const place: GitBranch = {
    repository,
    ...(branch !== undefined && { branch }),
    ...(writeBranch !== undefined && { writeBranch }),
  };
  let images: ReadonlyMap<UpdateSubject, readonly ImageUpdate[]> = new Map();
  const edit = async (tree: FileTree, editSignal: AbortSignal): Promise<ChangeSet> => {
    images = await updateImages(group, tree, options, editSignal);
    return { ...place, changes: [...images].flatMap(changesOf) };
  };
  try {
    const outcome = await git.change(place, edit, { dryRun, signal });
    return group.map((subject) => [subject, applicationUpdate(subject, images.get(subject) ?? [], outcome)]);
  } catch (thrown) {
    signal.throwIfAborted();
    const error = reportedError(thrown);
    return group.map((subject) => [subject, { ...applicationUpdate(subject, []), error }]);
  }
}

function changesOf([{ name }, images]: readonly [
  UpdateSubject,
  readonly ImageUpdate[],
]): readonly ImageChange[] {
  return images.flatMap(({ alias, image, status, from, to, edits }) =>
    status === "updated" && image !== undefined && to !== undefined
      ? [{ application: name, alias, image, from: from ?? {}, to, edits }]
      : [],
  );
}

function applicationUpdate(
  { name, origin, source, warnings }: UpdateSubject,
  images: readonly ImageUpdate[],
  outcome?: BranchOutcome,
): ApplicationUpdate {
  const branch = outcome?.branch ?? source.branch;
  const isWritten = images.some(({ status }) => status === "updated");
  return {
    name,
    origin,
    repository: redactedAddress(source.repository),
    ...(branch !== undefined && { branch }),
    ...(isWritten && outcome?.commit !== undefined && { commit: outcome.commit }),
    ...(isWritten && outcome?.pullRequest !== undefined && { pullRequest: outcome.pullRequest }),
    images,
    warnings,
  };
}
