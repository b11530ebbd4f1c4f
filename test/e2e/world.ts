import { describe, inject } from "vitest";

/** What stands ready before the first test. Registries are named as pods and nodes reach them: host and port. */
export interface World {
  /** The registry of the account that images are built in. */
  readonly source: string;
  /** The registry of the account that the cluster is in. */
  readonly destination: string;
  /** This program's image, where nodes can pull it. */
  readonly image: string;
  /** The same with git, if there is any. */
  readonly gitImage?: string;
}

/** What was built: every image that the examples deploy, and the next release of one. */
export const releases: readonly string[] = [
  "shop/api:1.4.2",
  "shop/proxy:2.0.1",
  "shop/web:1.4.2",
  "shop/web:1.5.0",
  "shop/web:3.2.0",
  "shop/web:3.3.0",
  "shop/worker:1.3.0",
];

declare module "vitest" {
  interface ProvidedContext {
    world: World | undefined;
  }
}

/** `describe` for tests that need the cluster; without one they are skipped. The setup has said why. */
export function describeInCluster(title: string, body: (world: World) => void): void {
  const world = inject("world");
  if (world === undefined) describe.todo(`${title}: without a cluster`);
  else describe(title, () => body(world));
}
