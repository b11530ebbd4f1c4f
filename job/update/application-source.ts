import { PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import type { ApplicationSource } from "./application.ts";
import { treePath } from "./tree-path.ts";

/** What annotations say of where an application's updates are written. */
export interface SourceWords {
  /** Instead of the repository of the application. */
  readonly repository?: string | undefined;
  /** `BRANCH`, or `BASE:TARGET` with a branch of its own for what is written. */
  readonly branch?: string | undefined;
}

/**
 * Where the manifests of an Argo CD Application stand: of several sources, the one in the named repository, else the
 * first with a path, else the first whose files others refer to, else the first that is no chart.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/multiple_sources/}
 *
 * @throws {PromoterError} `InvalidInput` when it has no source in git.
 */
export function applicationSource(spec: unknown, words: SourceWords): ApplicationSource {
  const { source, sources } = isObject(spec) ? spec : {};
  const all = (Array.isArray(sources) && sources.length > 0 ? sources : [source]).filter(isObject);
  const chosen =
    all.find(({ repoURL }) => repoURL === words.repository) ??
    all.find(({ path, chart }) => typeof path === "string" && typeof chart !== "string") ??
    all.find(({ ref }) => typeof ref === "string") ??
    all.find(({ chart }) => typeof chart !== "string") ??
    (words.repository === undefined ? undefined : {});
  const repository = words.repository ?? textOf(chosen?.repoURL);
  if (chosen === undefined || repository === undefined) throw nowhere();
  if (/^\s*file:/i.test(repository)) throw ofThisMachine();
  // A branch of the repository of a chart says nothing about another one.
  const isSame = words.repository === undefined || words.repository === chosen.repoURL;
  const { base, target } = branchesOf(words.branch);
  const branch = base ?? (isSame ? branchOf(textOf(chosen.targetRevision)) : undefined);
  return {
    repository,
    path: treePath("", `/${textOf(chosen.path) ?? ""}`),
    ...(branch !== undefined && { branch }),
    ...(target !== undefined && { writeBranch: target }),
  };
}

function branchesOf(text: string | undefined): { readonly base?: string; readonly target?: string } {
  if (text === undefined) return {};
  const colon = text.indexOf(":");
  const base = (colon < 0 ? text : text.slice(0, colon)).trim();
  const target = colon < 0 ? "" : text.slice(colon + 1).trim();
  return { ...(base !== "" && { base }), ...(target !== "" && { target }) };
}

function branchOf(revision: string | undefined): string | undefined {
  const name = revision?.replace(/^refs\/heads\//, "");
  return name === undefined || name === "" || name === "HEAD" ? undefined : name;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function nowhere(): PromoterError {
  return new PromoterError("InvalidInput", "The application has no source in git to write to", {
    hint: "Name the repository in the annotation argocd-image-updater.argoproj.io/git-repository",
  });
}

/** Who may annotate an application says nothing about the machine that this runs on. */
function ofThisMachine(): PromoterError {
  return new PromoterError(
    "InvalidInput",
    "An Application names no folder of this machine as its repository",
    {
      hint: "Name a repository that others serve, or write the application in promoter.yaml",
    },
  );
}
