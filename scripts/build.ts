import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { asScripts } from "./as-scripts.ts";
import { inlineTemplates } from "./inline-templates.ts";
import { licencesOf, packageFolder } from "./licences.ts";
import { loadTogether } from "./load-together.ts";
import { namedImports } from "./named-imports.ts";
import { nodeModules } from "./node-modules.ts";
import { scriptOutput } from "./script-output.ts";
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
 * Bundles the program and its packages into scripts that Node 24 runs without `node_modules`, and writes the packages'
 * licences beside them. Whitespace goes, names stay: a stack trace out of the bundle is still readable.
 * @throws {Error} when a file of the tests got in, the bundle is over its budget, or a package has no usable licence, or
 * the program does not promote.
 */
export async function buildBundle({
  root,
  entry = "job/main.ts",
  outputFolder,
}: BuildOptions): Promise<Built> {
  await rm(outputFolder, { recursive: true, force: true });
  await mkdir(join(outputFolder, "chunks"), { recursive: true });
  const split = await build({
    ...scriptOutput,
    platform: "node",
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: outputFolder,
    chunkNames: "[name]-[hash]",
    // Each command loads its own part: what a promotion does not need is not read when it starts.
    splitting: true,
    format: "esm",
    plugins: [inlineTemplates, slimPackages, nodeModules, namedImports, loadTogether],
    mainFields: ["module", "main"],
    // Its build for Node looks at process.env for every token of a text: a quarter of the time that parsing takes.
    alias: { yaml: join(root, "node_modules/yaml/browser/index.js") },
    metafile: true,
  });
  const inputs = bundledInputs(split.metafile);
  refuseTests(inputs);
  const { program, chunks } = await asScripts(split);
  const files = new Map([
    ["image-promoter.js", await buildStart(root)],
    ["program.js", program],
    ...[...chunks].map(([name, text]) => [join("chunks", name), text] as const),
    ["package.json", await describeBundle(root)],
  ]);
  const sizeBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (sizeBytes > budgetBytes) {
    throw new Error(`The bundle has ${sizeBytes} bytes, over its budget of ${budgetBytes}`);
  }
  for (const [name, text] of files) await writeFile(join(outputFolder, name), text);
  await writeFile(join(outputFolder, "THIRD_PARTY_LICENSES.txt"), await licencesOf(root, [...inputs.keys()]));
  const file = join(outputFolder, "image-promoter.js");
  await chmod(file, 0o755);
  await warmCodeCache(outputFolder);
  return { file, sizeBytes, weights: weigh(inputs) };
}

/** The script that starts the others. */
async function buildStart(root: string): Promise<string> {
  const { outputFiles } = await build({
    ...scriptOutput,
    platform: "node",
    absWorkingDir: root,
    entryPoints: ["job/start.ts"],
    format: "cjs",
    define: { "import.meta.dirname": "__dirname" },
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** What tells Node that these are scripts, and others whose they are. */
async function describeBundle(root: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return `${JSON.stringify({ name, version, license, type: "commonjs" })}\n`;
}

/** Lets V8 compile what a promotion needs. The environment's flags for Node would be V8's, too. */
async function warmCodeCache(folder: string): Promise<void> {
  const program = join(import.meta.dirname, "warm-code-cache/main.mjs");
  await promisify(execFile)(process.execPath, [program, folder], { env: {} });
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
