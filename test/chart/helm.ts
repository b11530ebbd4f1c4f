import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseAllDocuments, type Tags } from "yaml";
import type { ProgramResult } from "../../job/runtime.ts";
import { runProgram } from "../../job/system-runtime.ts";
import { requireTool } from "../tool.ts";

/** The Helm that Argo CD 3.5 has, and the one before it. */
export const helms = ["helm", "helm3"] as const;
export type Helm = (typeof helms)[number];

export const chartFolder = join(import.meta.dirname, "../../chart");

/** A Helm built from source takes itself for one of an older cluster. */
const cluster = ["--kube-version", "v1.34.0"];

/** A Helm with folders of its own, which go at the end of the scope. */
export interface HelmShell extends AsyncDisposable {
  readonly folder: string;
  run(helm: Helm, args: readonly string[]): Promise<ProgramResult>;
  /** Writes values into a file for `--values`; gives its path. */
  valuesFile(values: object): Promise<string>;
  /** What `helm template` prints; fails when it fails. */
  template(helm: Helm, chart: string, options: TemplateOptions): Promise<string>;
  /** What `helm lint --strict` says. */
  lint(helm: Helm, chart: string, values: object): Promise<ProgramResult>;
}

export interface TemplateOptions {
  readonly values?: object;
  readonly name?: string;
  readonly namespace?: string;
  readonly args?: readonly string[];
}

export async function openHelm(): Promise<HelmShell> {
  const folder = await mkdtemp(join(tmpdir(), "helm-test-"));
  const env = {
    ...process.env,
    HELM_CACHE_HOME: join(folder, "cache"),
    HELM_CONFIG_HOME: join(folder, "config"),
    HELM_DATA_HOME: join(folder, "data"),
  };
  let files = 0;
  const run: HelmShell["run"] = (helm, args) =>
    runProgram(requireTool(helm), args, { cwd: folder, env, signal: new AbortController().signal });
  const valuesFile: HelmShell["valuesFile"] = async (values) => {
    files += 1;
    const path = join(folder, `values-${files}.json`);
    // For a reader of YAML 1.1 these end a line, also between quotes.
    await writeFile(path, JSON.stringify(values).replaceAll(/[\u0085\u2028\u2029]/g, escaped));
    return path;
  };
  return {
    folder,
    run,
    valuesFile,
    async template(helm, chart, { values = {}, name = "shop", namespace = "apps", args = [] }) {
      const file = await valuesFile(values);
      const result = await run(helm, [
        "template",
        name,
        chart,
        "--namespace",
        namespace,
        "--values",
        file,
        ...cluster,
        ...args,
      ]);
      if (result.exitCode !== 0)
        throw new Error(`${helm} template: ${result.stderr}\n${JSON.stringify(values)}`);
      return result.stdout;
    },
    async lint(helm, chart, values) {
      return run(helm, ["lint", "--strict", chart, "--values", await valuesFile(values), ...cluster]);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A Kubernetes object, as far as tests look into it. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** The objects of a YAML stream, sorted by kind and name. */
export function objectsOf(text: string, version: "1.1" | "1.2" = "1.2"): ManifestObject[] {
  const documents = parseAllDocuments(text, { version, customTags: withoutDates });
  if (!Array.isArray(documents)) return [];
  return documents
    .map((document) => {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      return document.toJS() as ManifestObject | null;
    })
    .filter((object) => object !== null)
    .sort((a, b) => compare(`${a.kind}/${a.metadata?.name}`, `${b.kind}/${b.metadata?.name}`));
}

/** Kubernetes leaves dates texts. */
function withoutDates(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:timestamp");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The object of a kind, of which there has to be exactly one. */
export function only(objects: readonly ManifestObject[], kind: string): ManifestObject {
  const [object, second] = objects.filter((candidate) => candidate.kind === kind);
  if (object === undefined || second !== undefined) {
    throw new Error(`Wanted one ${kind} of ${objects.map((candidate) => candidate.kind).join(", ")}`);
  }
  return object;
}
