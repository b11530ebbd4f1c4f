import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { TestProject } from "vitest/node";
import { buildBase, buildImage } from "../image/build-image.ts";
import { openBuilder } from "../image/builder.ts";
import { requireTool, toolsAreRequired } from "../tool.ts";
import { pushApps } from "./app-image.ts";
import { buildGitImage } from "./git-image.ts";
import { kubectl } from "./kubectl.ts";
import { reachableHost } from "./reachable-host.ts";
import { startRegistry } from "./registry.ts";
import { releases, type World } from "./world.ts";

const help = `Set KUBECONFIG to a cluster that may be tested on. Its nodes must be able to pull by plain HTTP from this
machine's ports 5000 to 5031. E2E_HOST is this machine's address as they see it, where that is not the address from which
it reaches the API server; E2E_IMAGE is an image of this program to use instead of one that is built here, E2E_GIT_IMAGE
the one with git.`;

/**
 * Runs once before all tests: two registries, this program's image in the destination, the apps that examples deploy in the
 * source.
 * @throws {Error} when the cluster that KUBECONFIG names does not answer; without KUBECONFIG only where tools are
 *   required.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (!process.env.KUBECONFIG) {
    if (toolsAreRequired()) throw new Error(help);
    process.stderr.write(`\n!! No cluster to test on. ${help}\n\n`);
    project.provide("world", undefined);
    return undefined;
  }
  await kubectl(["get", "--raw", "/readyz"]);
  await using stack = new AsyncDisposableStack();
  project.provide("world", await makeWorld(stack));
  const kept = stack.move();
  return () => kept.disposeAsync();
}

async function makeWorld(stack: AsyncDisposableStack): Promise<World> {
  const host = await reachableHost();
  const source = stack.use(await startRegistry(host)).address;
  const destination = stack.use(await startRegistry(host)).address;
  const work = await mkdtemp(join(tmpdir(), "e2e-images-"));
  await using _work = { [Symbol.asyncDispose]: () => rm(work, { recursive: true, force: true }) };
  await using builder = await openBuilder(requireTool("buildah"));

  await pushApps(releases, { builder, work, registry: source });
  const { E2E_IMAGE: image, E2E_GIT_IMAGE: gitImage } = process.env;
  if (image) return { source, destination, image, ...(gitImage && { gitImage }) };
  const local = "localhost/image-promoter:e2e";
  const localWithGit = "localhost/image-promoter-git:e2e";
  await buildBase({ builder, work });
  await buildImage(local, { builder, work });
  await buildGitImage(localWithGit, local, { builder, work });
  return {
    source,
    destination,
    image: await push(local, "argocd-image-promoter"),
    gitImage: await push(localWithGit, "argocd-image-promoter-git"),
  };

  /** Never the same name twice: a node that has an image of that name pulls no other. */
  async function push(built: string, repository: string): Promise<string> {
    const name = `${destination}/${repository}:e2e-${Date.now()}`;
    await builder.push(built, name);
    return name;
  }
}
