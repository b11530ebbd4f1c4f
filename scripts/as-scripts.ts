import { basename } from "node:path";
import {
  type BuildOptions,
  type BuildResult,
  build,
  type Metafile,
  type OutputFile,
  type Plugin,
} from "esbuild";
import { nodeModules } from "./node-modules.ts";
import { scriptOutput } from "./script-output.ts";

/** A bundle of ES modules, as esbuild has split it: an entry, and chunks. */
export interface SplitBundle {
  readonly metafile: Metafile;
  readonly outputFiles: readonly OutputFile[];
}

/** The scripts that a bundle becomes. */
export interface Scripts {
  /** Everything that is imported statically, in one scope. */
  readonly program: string;
  /** What is imported when it is needed, by the name of its file. */
  readonly chunks: ReadonlyMap<string, string>;
}

/**
 * Makes scripts of ES modules, as V8 keeps compiled code of scripts only: each is an expression, namely the function
 * that is the body of a CommonJS module. What they `require` is a module of Node's own, or a module of the bundle by
 * the name that it had. The program exports the chunks that went into it under these names, so that no other script
 * has them a second time.
 *
 * @throws {Error} when something is left in a script that only a module may hold, or a character that is not ASCII.
 */
export async function asScripts({ metafile, outputFiles }: SplitBundle): Promise<Scripts> {
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const imports = importsIn(metafile);
  const entry = entryOf(metafile);
  const inside = reachedFrom(entry, imports);
  const outside = [...texts.keys()].filter((name) => !inside.has(name));
  const shared = new Set(
    outside.flatMap((name) => imports.get(name) ?? []).filter((name) => inside.has(name)),
  );
  const lines = [...shared].toSorted().map((name) => `export * as "./${name}" from "./${name}";`);
  const [program] = await build({
    ...common,
    stdin: { contents: [...lines, `import "./${entry}";`].join("\n"), resolveDir: "/" },
    plugins: [nodeModules, modulesOf(texts, inside)],
  }).then(functionsOf);
  const chunks = await build({
    ...common,
    entryPoints: outside.map((name) => `./${name}`),
    plugins: [nodeModules, modulesOf(texts, new Set())],
  }).then(functionsOf);
  return { program: program?.[1] ?? "", chunks: new Map(chunks) };
}

const common = {
  ...scriptOutput,
  outdir: "/",
  format: "cjs",
  // Without what a program of Node's has besides, namely a list of its exports for importing modules.
  platform: "neutral",
  // Calls of `require` in a promise.
  supported: { "dynamic-import": false },
} as const satisfies BuildOptions;

/** What each file of a bundle imports statically, by name. */
function importsIn({ outputs }: Metafile): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(outputs).map(([path, { imports }]) => [
      basename(path),
      imports
        .filter(({ kind, external }) => kind === "import-statement" && external !== true)
        .map((imported) => basename(imported.path)),
    ]),
  );
}

function entryOf({ outputs }: Metafile): string {
  const imported = new Set(Object.values(outputs).flatMap(({ imports }) => imports.map(({ path }) => path)));
  const [entry = ""] = Object.keys(outputs).filter(
    (path) => outputs[path]?.entryPoint && !imported.has(path),
  );
  return basename(entry);
}

function reachedFrom(entry: string, imports: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const reached = new Set([entry]);
  // A set is walked to what is added to it meanwhile.
  for (const name of reached) for (const imported of imports.get(name) ?? []) reached.add(imported);
  return reached;
}

/** Finds the files of a bundle among `texts`; those that are to be `inside` are bundled, others required. */
function modulesOf(texts: ReadonlyMap<string, string>, inside: ReadonlySet<string>): Plugin {
  return {
    name: "modules-of-a-bundle",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.\.?\// }, ({ kind, path }) => {
        const name = basename(path);
        if (kind === "entry-point" || (kind === "import-statement" && inside.has(name)))
          return { path: name, namespace: "bundle" };
        return { path: `./${name}`, external: true };
      });
      onLoad({ filter: /./, namespace: "bundle" }, ({ path }) => ({ contents: texts.get(path) ?? "" }));
    },
  };
}

/** The scripts that esbuild has written, by name. It warns of what only modules have. */
function functionsOf({ outputFiles, warnings }: BuildResult<typeof common>) {
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  return outputFiles.map(({ path, text }) => {
    const strange = /[^\0-\x7f]/.exec(text);
    if (strange !== null) throw new Error(`${path} has a character that is not ASCII: ${strange[0]}`);
    return [basename(path), `(function(exports,require,module){"use strict";${text}})\n`] as const;
  });
}
