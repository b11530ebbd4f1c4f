import { describe, inject } from "vitest";

/** What stands ready before the first test. */
export interface World {
  /** The registry of the account that images are built in: host and port, as pods and nodes reach it. */
  readonly source: string;
  /** The registry of the account that the cluster is in. */
  readonly destination: string;
  /** This program's image, where nodes can pull it. */
  readonly image: string;
  /** Repository in {@link World.source} that has the app, without the host. */
  readonly app: string;
  /** The app's tags, in the order of its releases, with the digest of each. */
  readonly releases: readonly { readonly tag: string; readonly digest: string }[];
}

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
