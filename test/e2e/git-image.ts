import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { placeProgram } from "../image/base.ts";
import type { BuildImageOptions } from "../image/build-image.ts";

/**
 * Builds an image with this machine's git upon another, in the place of the Dockerfile's own, whose packages come by the
 * network.
 * @param from the image without git, as the builder has it
 */
export async function buildGitImage(
  name: string,
  from: string,
  { builder, work }: BuildImageOptions,
): Promise<void> {
  const root = join(work, "git");
  await placeProgram(root, "/usr/bin/git", "/usr/bin/git");
  for (const helper of ["git-remote-http", "git-remote-https"])
    await placeProgram(root, "/usr/lib/git-core/git-remote-http", `/usr/lib/git-core/${helper}`);
  const dockerfile = join(work, "git.Dockerfile");
  await writeFile(dockerfile, `FROM ${from}\nCOPY . /\n`);
  await builder.build(name, dockerfile, root);
}
