import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemClock } from "../../job/async/clock.ts";
import { runCli } from "../../job/cli.ts";
import type { RenderedFile } from "../../job/render/rendered-file.ts";
import type { Runtime } from "../../job/runtime.ts";

const registry = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";

/** The command lines that render parts of `examples/`, as they would be typed there. */
const commandLines: readonly (readonly string[])[] = [
  [
    ...["render", "kustomize", "--config", "examples/kustomize/promoter.yaml"],
    ...["--values", "examples/kustomize/overlays/production/values.yaml"],
    ...["--workload", "Deployment/api:initContainers/migrate", "--workload", "Deployment/api:api"],
    ...[
      "--workload",
      "Deployment/web:web",
      "--output-dir",
      "examples/kustomize/overlays/production/promoter",
    ],
  ],
  [
    ...["render", "plugin", "--image", `${registry}/image-promoter-plugin:0.1.0`],
    ...["--promoter-image", `${registry}/argocd-image-promoter:0.1.0`, "--service-account", "image-promoter"],
    ...["--output-dir", "examples/plugin/image-promoter"],
  ],
];

/** The files of `examples/` that our own commands write, by their paths from the root. */
export async function exampleFiles(root: string): Promise<RenderedFile[]> {
  const files: RenderedFile[] = [];
  const runtime = capturing(files, root);
  for (const args of commandLines) {
    const code = await runCli(args, runtime, new AbortController().signal);
    if (code !== 0) throw new Error(`image-promoter ${args.join(" ")} ended with ${code}`);
  }
  return files;
}

/** A runtime that reads the disk, and keeps what is written. */
function capturing(files: RenderedFile[], root: string): Runtime {
  const silent = { write: () => {}, isTerminal: false, columns: 80 };
  return {
    env: {},
    clock: systemClock,
    stdout: silent,
    stderr: { ...silent, write: (text) => void (/^error/.test(text) && process.stderr.write(text)) },
    readInput: async () => "",
    readFile: (path) => readFile(join(root, path), "utf8"),
    writeFile: async (path, content) => void files.push({ path, content }),
    run: () => Promise.reject(new Error("Nothing is run to render examples")),
  };
}
