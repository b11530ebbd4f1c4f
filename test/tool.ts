import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { describe, it } from "vitest";

/** The real tools that tests speak to; `scripts/tools.sh` installs each. */
export const tools = [
  "aws",
  "buildah",
  "chromium",
  "cosign",
  "crane",
  "docker-registry",
  "fish",
  "git",
  "gpg",
  "helm",
  "helm3",
  "kustomize",
  "moto_server",
  "openssl",
  "regctl",
  "skopeo",
  "ssh-keygen",
  "zsh",
] as const;

/** A program that some tests need and that is not a dependency of the package. */
export type Tool = (typeof tools)[number];

/** Where `scripts/tools.sh` puts what the system's package manager does not have. */
const toolsFolder = join(
  process.env.XDG_CACHE_HOME || join(homedir(), ".cache"),
  "argocd-image-promoter",
  "bin",
);

/** The path of a program: the pinned one of `scripts/tools.sh` first, then PATH. `undefined` when there is none. */
export function findTool(name: string): string | undefined {
  const folders = [
    toolsFolder,
    ...(process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ""),
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/**
 * The path of a tool that must be there; for use inside {@link describeWithTool}.
 * @throws {Error} when it is missing; the message says how to get it.
 */
export function requireTool(name: Tool): string {
  const path = findTool(name);
  if (path === undefined) throw new Error(missing([name]));
  return path;
}

/**
 * `describe` for tests that need real tools. Where one is missing they are skipped, and the title says so; with
 * REQUIRE_TOOLS=1 a missing tool is a failure, so that no machine stays green by having nothing installed.
 */
export function describeWithTool(needed: Tool | readonly Tool[], body: () => void): void {
  const names = typeof needed === "string" ? [needed] : needed;
  const absent = names.filter((name) => findTool(name) === undefined);
  const title = `with ${names.join(" and ")}`;
  if (absent.length === 0) {
    describe(title, body);
  } else if (toolsAreRequired()) {
    it(title, () => {
      throw new Error(missing(absent));
    });
  } else {
    describe.skip(`${title} (${missing(absent)})`, body);
  }
}

/** The sentence that names missing tools and the way to get them. */
export function missing(names: readonly string[]): string {
  return `${names.join(", ")} ${names.length === 1 ? "is" : "are"} missing: run scripts/tools.sh`;
}

/** Whether a missing tool is a failure (REQUIRE_TOOLS=1) and not a reason to skip. */
export function toolsAreRequired(): boolean {
  return process.env.REQUIRE_TOOLS === "1";
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
