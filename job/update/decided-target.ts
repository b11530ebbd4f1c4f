import type { FileTree, UndecidedTarget, UpdateTarget } from "./application.ts";

const kustomizations: ReadonlySet<string> = new Set([
  "kustomization.yaml",
  "kustomization.yml",
  "Kustomization",
]);

/**
 * The target as it is written: a folder with a kustomization is Kustomize's, every other one Helm's.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/tool_detection/}
 */
export async function decidedTarget(
  tree: FileTree,
  target: UpdateTarget | UndecidedTarget,
): Promise<UpdateTarget> {
  if (target.kind !== "argocd") return target;
  const { path, folder, fields, name } = target;
  const files = await tree.list(folder);
  const isHelm = files.includes("Chart.yaml");
  if (!isHelm && files.some((file) => kustomizations.has(file)))
    return { kind: "argocd-kustomize", path, name };
  return { kind: "argocd-helm", path, fields };
}
