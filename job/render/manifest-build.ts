import { posix } from "node:path";
import { PromoterError } from "../error.ts";

/** A program to run in a folder. */
export interface BuildCommand {
  readonly program: "kustomize" | "helm";
  readonly args: readonly string[];
}

/** Files by which a folder says what builds it, in the order in which they are looked for. */
export const buildFiles = [
  ["kustomization.yaml", "kustomize"],
  ["kustomization.yml", "kustomize"],
  ["Kustomization", "kustomize"],
  ["Chart.yaml", "helm"],
] as const;

export interface BuildOptions {
  /** Name of the release. */
  readonly name: string;
  readonly namespace?: string;
  /**
   * What Argo CD hands to plugins: `KUBE_VERSION`, `KUBE_API_VERSIONS`, `ARGOCD_APP_PARAMETERS`,
   * `ARGOCD_APP_SOURCE_PATH`.
   *
   * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/}
   */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The command that prints the manifests of the folder that it runs in. */
export function buildCommand(program: BuildCommand["program"], options: BuildOptions): BuildCommand {
  if (program === "kustomize") return { program, args: ["build", "."] };
  const { name, namespace = options.env.ARGOCD_APP_NAMESPACE, env } = options;
  const apiVersions = (env.KUBE_API_VERSIONS ?? "").split(",").filter((version) => version !== "");
  return {
    program,
    args: [
      "template",
      name,
      ".",
      "--include-crds",
      ...(namespace ? [`--namespace=${namespace}`] : []),
      ...(env.KUBE_VERSION ? [`--kube-version=${env.KUBE_VERSION}`] : []),
      ...apiVersions.map((version) => `--api-versions=${version}`),
      ...parameterArgs(env),
    ],
  };
}

/** Whether `helm template` ended because dependencies of the chart are not in its folder: its words, which Argo CD goes by too. */
export function lacksDependencies(stderr: string): boolean {
  return stderr.includes("found in Chart.yaml, but missing in charts/ directory");
}

/** The command that brings them. */
export const dependencyBuild: BuildCommand = { program: "helm", args: ["dependency", "build", "."] };

/** The parameters of an Application that plugins get as JSON. */
function parameterArgs({
  ARGOCD_APP_PARAMETERS: json,
  ARGOCD_APP_SOURCE_PATH: path,
}: BuildOptions["env"]): string[] {
  const parameters = json === undefined || json === "" ? [] : parseParameters(json);
  return parameters.flatMap(({ name, array = [], map = {} }) => {
    if (name === "values-files") return array.map((file) => `--values=${checkedFile(file, path ?? ".")}`);
    if (name === "helm-parameters") return Object.entries(map).map(([key, value]) => `--set=${key}=${value}`);
    return [];
  });
}

interface Parameter {
  readonly name: string;
  readonly array?: readonly string[];
  readonly map?: Readonly<Record<string, string>>;
}

function parseParameters(json: string): readonly Parameter[] {
  try {
    const parameters: unknown = JSON.parse(json);
    if (Array.isArray(parameters)) return parameters as readonly Parameter[];
  } catch {
    // Told below, in words about the variable.
  }
  throw new PromoterError("InvalidInput", "ARGOCD_APP_PARAMETERS is no list of parameters in JSON");
}

/** A path inside the repository: whoever writes an Application may not read the files of Argo CD's pod. */
function checkedFile(file: string, sourcePath: string): string {
  const inside = posix.normalize(posix.join(sourcePath, file));
  const leaves =
    posix.isAbsolute(file) || inside === ".." || inside.startsWith("../") || /^[a-z0-9+.-]+:/i.test(file);
  if (!leaves) return file;
  throw new PromoterError("InvalidInput", `The values file ${file} is not inside the repository`, {
    hint: "Name it by its path from the folder of the application",
  });
}
