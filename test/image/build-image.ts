import { existsSync } from "node:fs";
import { cp, glob, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { buildBundle } from "../../scripts/build.ts";
import { layOutBase } from "./base.ts";
import type { Builder } from "./builder.ts";

/** The base that {@link buildBase} makes: Node, as the distroless image has it. */
export const baseImage = "localhost/base:test";

export interface BuildImageOptions {
  readonly builder: Builder;
  /** A folder for what is built from; whoever made it removes it. */
  readonly work: string;
  /** The stage of the Dockerfile. Default `image`. */
  readonly target?: "image" | "git";
}

/** Makes {@link baseImage}, on which this program's image and others can be built without a registry. */
export async function buildBase({ builder, work }: BuildImageOptions): Promise<void> {
  const base = join(work, "base");
  await layOutBase(base, resolve(process.execPath));
  const dockerfile = join(work, "base.Dockerfile");
  await writeFile(dockerfile, "FROM scratch\nCOPY . /\nUSER 65532\n");
  // The same layers whenever it is built: whoever has pulled them before needs no others.
  await builder.build(baseImage, dockerfile, base, ["--timestamp", "0"]);
}

/**
 * Builds this program's image from the repository's Dockerfile, upon {@link baseImage}.
 * @param name what to call it
 * @param given further build arguments
 */
export async function buildImage(
  name: string,
  { builder, work, target = "image" }: BuildImageOptions,
  given: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Stands in for the Dockerfile's first stage, which needs the network.
  const built = join(work, "built", "src");
  // Once for all stages that are built there.
  if (!existsSync(built)) {
    await buildBundle({ root: resolve("."), outputFolder: join(built, "dist") });
    for await (const cache of glob(join(built, "dist/**/*.cache"))) await rm(cache);
  }
  for (const file of ["package.json", "LICENSE", "scripts/warm-code-cache"])
    await cp(file, join(built, file), { recursive: true });
  const buildArguments = Object.entries({ BASE_IMAGE: baseImage, ...given });
  await builder.build(name, "Dockerfile", join(work, "built"), [
    ...["--target", target, "--build-context", `build=${join(work, "built")}`],
    ...buildArguments.flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
  ]);
}
