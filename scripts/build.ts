import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { inlineTemplates } from "./inline-templates.ts";
import { builtinRequire, lazyBuiltins, requireBuiltins } from "./lazy-builtins.ts";
import { licencesOf, packageFolder } from "./licences.ts";
import { loadTogether } from "./load-together.ts";
import { namedImports } from "./named-imports.ts";
import { slimPackages } from "./slim-packages.ts";

/** The most that the bundle may weigh: a dependency that comes in unseen shows here. */
const budgetBytes = 4 * 1024 * 1024;

export interface BuildOptions {
  /** Folder that package and sources are in; absolute. */
  readonly root: string;
  /** The module that runs the program, relative to `root`. Default the program's own, as it is shipped. */
  readonly entry?: string;
  /** Where the bundle and its licences go; absolute, emptied first. */
  readonly outputFolder: string;
}

/** What was built. */
export interface Built {
  readonly file: string;
  readonly sizeBytes: number;
  /** Bytes of the bundle by package, `job` for the sources, the largest first. */
  readonly weights: readonly (readonly [name: string, bytes: number])[];
}

/**
 * Bundles the program and its packages into one file that Node 24 runs without `node_modules`, and writes the packages'
 * licences beside it. Whitespace goes, names stay: a stack trace out of the bundle is still readable.
 * @throws {Error} when a file of the tests got in, the bundle is over its budget, or a package has no usable licence.
 */
export async function buildBundle({
  root,
  entry = "job/start.ts",
  outputFolder,
}: BuildOptions): Promise<Built> {
  const file = join(outputFolder, "image-promoter.js");
  await rm(outputFolder, { recursive: true, force: true });
  await mkdir(outputFolder, { recursive: true });
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: outputFolder,
    entryNames: "image-promoter",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    // Each command loads its own part: what a promotion does not need is not read when it starts.
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    minifyWhitespace: true,
    minifySyntax: true,
    // Whole licence texts are written below; comments scattered through the bundle are not a substitute.
    legalComments: "none",
    banner: { js: builtinRequire },
    plugins: [inlineTemplates, slimPackages, lazyBuiltins, namedImports, loadTogether],
    mainFields: ["module", "main"],
    // Its build for Node looks at process.env for every token of a text: a quarter of the time that parsing takes.
    alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, requireBuiltins(text));
  }
  const inputs = bundledInputs(metafile);
  refuseTests(inputs);
  const sizeBytes = Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  if (sizeBytes > budgetBytes) {
    throw new Error(`The bundle has ${sizeBytes} bytes, over its budget of ${budgetBytes}`);
  }
  await writeFile(join(outputFolder, "THIRD_PARTY_LICENSES.txt"), await licencesOf(root, [...inputs.keys()]));
  await chmod(file, 0o755);
  await writeFile(join(outputFolder, "package.json"), JSON.stringify({ type: "module" }));
  const warming = join(outputFolder, "warm-compile-cache.js");
  await copyFile(join(import.meta.dirname, "warm-compile-cache.js"), warming);
  await promisify(execFile)(process.execPath, [warming], { env: { PATH: process.env.PATH } });
  await rm(warming);
  return { file, sizeBytes, weights: weigh(inputs) };
}

/** Files that have code in the bundle, with their bytes there. */
function bundledInputs(metafile: Metafile): ReadonlyMap<string, number> {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  return new Map(
    inputs
      .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
      .filter(([, bytes]) => bytes > 0),
  );
}

function refuseTests(inputs: ReadonlyMap<string, number>): void {
  const foreign = [...inputs.keys()].filter((path) => /^(test|scripts)\//.test(path));
  if (foreign.length > 0)
    throw new Error(`The bundle holds files that do not belong there: ${foreign.join(", ")}`);
}

function weigh(inputs: ReadonlyMap<string, number>): Built["weights"] {
  const weights = new Map<string, number>();
  for (const [path, bytes] of inputs) {
    const name = packageFolder(path)?.split("node_modules/").at(-1) ?? "job";
    weights.set(name, (weights.get(name) ?? 0) + bytes);
  }
  return [...weights].toSorted(([, a], [, b]) => b - a);
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname);
  const { sizeBytes, weights } = await buildBundle({
    root,
    outputFolder: join(root, "dist"),
  });
  const kib = (bytes: number) => `${Math.ceil(bytes / 1024)} KiB`;
  const heaviest = weights.slice(0, 5).map(([name, bytes]) => `${name} ${kib(bytes)}`);
  console.log(`dist/image-promoter.js ${kib(sizeBytes)} of ${kib(budgetBytes)}: ${heaviest.join(", ")}`);
}
