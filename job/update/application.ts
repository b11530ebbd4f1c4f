import type { PromoterError } from "../error.ts";
import type { Reference } from "../oci/reference.ts";
import type { VersionConstraint } from "./version-constraint.ts";

/** A branch of a git repository. */
export interface GitBranch {
  /** As git takes it: `https://git.example.com/team/deploy.git`, `git@git.example.com:team/deploy.git`. */
  readonly repository: string;
  /** The one that is read. Default: what the repository's HEAD names. */
  readonly branch?: string;
  /** Template of the branch that is written to, where it is another one: it begins at `branch`. */
  readonly writeBranch?: string;
}

/** Where an application's manifests stand. */
export interface ApplicationSource extends GitBranch {
  /** The folder from the repository's root, without `/` at its ends; empty for the root. */
  readonly path: string;
}

/** Fields of a values file by their paths: `image.tag`, `web["image.tag"]`, `apps[0].image`. */
export type ValueFields =
  /** The whole image in one field: `registry/team/app:1.2.3`. */
  | { readonly image: string }
  /** A field of its own for the tag; `name` is written only where the image's name changes. */
  | { readonly name?: string; readonly tag: string };

/** Where an image is written. Paths are files and folders from the repository's root. */
export type UpdateTarget =
  /** The entry of `images:` with this `name`, in the kustomization file of a folder; added where it is missing. */
  | { readonly kind: "kustomization"; readonly path: string; readonly name: string }
  /** Fields of a file of values. */
  | { readonly kind: "values"; readonly path: string; readonly fields: ValueFields }
  /** `.argocd-source-<application>.yaml`, by parameters of Helm or by an image of Kustomize; made where it is missing. */
  | { readonly kind: "argocd-helm"; readonly path: string; readonly fields: ValueFields }
  | { readonly kind: "argocd-kustomize"; readonly path: string; readonly name: string }
  /** A field of a manifest or a patch, as patch-image.yaml: `Deployment:spec.template.spec.containers[0].image`. */
  | {
      readonly kind: "field";
      readonly path: string;
      readonly field: string;
      /** The image's name, which tells where the path leads to several fields. */
      readonly name?: string;
    }
  /** All containers of a file of manifests or patches that run the image of this name. */
  | { readonly kind: "manifest"; readonly path: string; readonly name: string }
  /** Values that a comment beside them marks with this name, in a file or in all YAML files below a folder. */
  | { readonly kind: "marker"; readonly path: string; readonly name: string };

/** How an image is named by what is written. */
export interface ImageVersion {
  readonly tag?: string;
  readonly digest?: string;
}

/** What stands at a target before it is written. */
export interface CurrentImage extends ImageVersion {
  /** The image's name as it is written there, without tag and digest; absent where a target holds the tag alone. */
  readonly name?: string;
  /** File and line, for messages: `overlays/production/kustomization.yaml:12`. */
  readonly place: string;
}

/** What shall stand at a target. A part that is absent is taken away where it stands. */
export interface NewImage extends ImageVersion {
  readonly name: string;
}

/** Whether a text is one of those that are meant. */
export interface TagMatcher {
  matches(tag: string): boolean;
}

/** How the newest of an image's tags is found. */
export interface TagPolicy {
  readonly strategy: UpdateStrategy;
  /** For `semver`: the versions that count; all when absent. */
  readonly versions?: VersionConstraint;
  /** For `digest`: the tag that is followed; the one that stands at the target when absent. */
  readonly tag?: string;
  /** Tags that count; all when absent. */
  readonly allow?: TagMatcher;
  /** Tags that do not. */
  readonly ignore: readonly TagMatcher[];
  /** `os/architecture[/variant]`: the image has to run on all of them. */
  readonly platforms: readonly string[];
  /** Whether the digest is written beside the tag; `digest` always does. */
  readonly pin: boolean;
}

export const updateStrategies = ["semver", "newest-build", "alphabetical", "numerical", "digest"] as const;

export type UpdateStrategy = (typeof updateStrategies)[number];

/**
 * What Argo CD reads beside the manifests, for an application of which nobody said whether Helm or Kustomize makes
 * them: the folder tells.
 */
export interface UndecidedTarget {
  readonly kind: "argocd";
  readonly path: string;
  /** The application's folder. */
  readonly folder: string;
  readonly fields: ValueFields;
  readonly name: string;
}

/** An image of an application that is kept up to date. */
export interface UpdatedImage {
  /** What it is called in reports: the alias of an annotation, or the image's name. */
  readonly alias: string;
  /** The repository that targets name, without tag and digest. */
  readonly image: Reference;
  /** The same as it is written: `nginx`, where `image` says `docker.io/library/nginx`. */
  readonly name: string;
  /** Where newer tags are looked for, the first that has a tag counts. Default: where routes lead, else `image`. */
  readonly sources?: readonly Reference[];
  readonly policy: TagPolicy;
  /** All are written; the first tells what stands there now. */
  readonly targets: readonly (UpdateTarget | UndecidedTarget)[];
}

/** An image whose settings cannot be read. */
export interface BrokenImage {
  readonly alias: string;
  readonly error: PromoterError;
}

/** An application whose images are kept up to date. */
export interface UpdateSubject {
  /** Its name, with the namespace where it is known: `argocd/shop`. */
  readonly name: string;
  /** Where it was found, for messages: `Application argocd/shop`, `promoter.yaml`. */
  readonly origin: string;
  readonly source: ApplicationSource;
  readonly images: readonly UpdatedImage[];
  /** Images of which nobody can say what is asked for them; the others are updated all the same. */
  readonly broken: readonly BrokenImage[];
  /** What was asked for and is not done, or is done otherwise. */
  readonly warnings: readonly string[];
}

/** A value of a file that was changed. */
export interface FileEdit {
  /** The file from the repository's root. */
  readonly path: string;
  /** Counted from 1, where the value stands after the change. */
  readonly line: number;
  /** Text of the value before; absent where it was added. */
  readonly before?: string;
  /** Text of the value after; absent where it was taken away. */
  readonly after?: string;
}

/** An image of an application that got another version. */
export interface ImageChange {
  readonly application: string;
  readonly alias: string;
  /** `host/repository` */
  readonly image: string;
  readonly from: ImageVersion;
  readonly to: ImageVersion;
  readonly edits: readonly FileEdit[];
}

/** What one commit on one branch says. */
export interface ChangeSet extends GitBranch {
  readonly changes: readonly ImageChange[];
}

/** The files of a branch. Nothing outside of it is ever read or written, symbolic links among it. */
export interface FileTree {
  /** The text, a byte order mark included; `undefined` when there is no such file. */
  read(path: string): Promise<string | undefined>;
  write(path: string, text: string): Promise<void>;
  /** The files directly in a folder, and its folders with a `/` at their ends; empty when there is none. */
  list(folder: string): Promise<readonly string[]>;
}

/** How targets are read and written: what the files of a tree say, byte for byte but for the values. */
export interface TargetWriter {
  /** @throws {PromoterError} `InvalidInput` for a file that cannot be read, or a field that is not there. */
  current(tree: FileTree, target: UpdateTarget): Promise<CurrentImage | undefined>;
  /** Writes into the tree. @returns what was changed; nothing where it stands there already. */
  write(tree: FileTree, target: UpdateTarget, image: NewImage): Promise<readonly FileEdit[]>;
}

/** What became of a change set. */
export interface BranchOutcome {
  /** `planned`: what would be pushed. */
  readonly status: "unchanged" | "planned" | "pushed";
  /** The branch that was, or would be, written to. */
  readonly branch: string;
  readonly commit?: string;
  /** Where people read of it. */
  readonly pullRequest?: string;
}

/** The branches of git repositories. */
export interface GitRepositories extends AsyncDisposable {
  /**
   * Reads a branch, lets `edit` change its files, and pushes them as one commit. When somebody has pushed meanwhile,
   * `edit` is called anew with what stands there then. A change set without changes commits nothing.
   */
  change(
    branch: GitBranch,
    edit: (tree: FileTree, signal: AbortSignal) => Promise<ChangeSet>,
    options: { readonly dryRun: boolean; readonly signal: AbortSignal },
  ): Promise<BranchOutcome>;
}
