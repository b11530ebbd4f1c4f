import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

/** Modules that every promotion loads: part of the program itself. */
const always = ["commands/promote.ts", "parts.ts"];

/** Modules that are loaded when they are needed, in groups of which one file each is made. */
const groups: readonly (readonly string[])[] = [
  // What people run, and no Job.
  [
    "commands/completion.ts",
    "commands/diff.ts",
    "commands/doctor.ts",
    "commands/history.ts",
    "commands/index-create.ts",
    "commands/index-inspect.ts",
    "commands/init.ts",
    "commands/inject.ts",
    "commands/on-push.ts",
    "commands/policy.ts",
    "commands/render.ts",
    "commands/render-backfill.ts",
    "commands/render-events.ts",
    "commands/render-kustomize.ts",
    "commands/render-plugin.ts",
    "commands/render-policies.ts",
    "commands/render-workflow.ts",
    "commands/schema.ts",
    "commands/status.ts",
    "commands/serve.ts",
    "commands/sync.ts",
    "commands/update.ts",
    "notify/notify.ts",
    "render/hooks/hook-checks.ts",
  ],
  // What reads YAML.
  ["config/load.ts", "images/kubernetes-manifests.ts"],
  ["gates/scan.ts", "gates/signature.ts", "gates/signature/public-good-root.ts"],
];

/**
 * Bundles together what is loaded together. In the sources each command is imported when it is called; as bundled, every
 * such import would be a file, and every set of modules that some of them share another: dozens to find and read at
 * each start.
 */
export const loadTogether: Plugin = {
  name: "load-together",
  setup(build) {
    const job = join(import.meta.dirname, "../job");
    build.onLoad({ filter: /[\\/]job[\\/](cli|commands[\\/]promotion-commands)\.ts$/ }, async ({ path }) => ({
      contents: withStaticImports(await readFile(path, "utf8")),
      loader: "ts",
    }));
    build.onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== "dynamic-import") return undefined;
      const group = groups.findIndex((names) =>
        names.some((name) => join(job, name) === join(resolveDir, path)),
      );
      return group < 0 ? undefined : { path: String(group), namespace: "group" };
    });
    build.onLoad({ filter: /./, namespace: "group" }, ({ path }) => ({
      contents: groups[Number(path)]?.map((name) => `export * from "./${name}";`).join("\n") ?? "",
      resolveDir: job,
    }));
  },
};

function withStaticImports(source: string): string {
  const imports: string[] = [];
  const text = source.replaceAll(/\bimport\("\.\/([\w/-]+\.ts)"\)/g, (whole, path: string) => {
    if (!always.some((module) => module.endsWith(path))) return whole;
    const name = `loaded${imports.length}`;
    imports.push(`import * as ${name} from "./${path}";`);
    return name;
  });
  return `${imports.join("\n")}\n${text}`;
}
