import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { type Distribution, startDistribution } from "../../test/integration/distribution.ts";
import { buildBundle } from "../build.ts";
import { type Contender, ourName, type PeerName, peer, promoter } from "./contenders.ts";
import { openFarNetwork } from "./far-network.ts";
import { type BenchImage, pushAll } from "./images.ts";

export type Distance = "near" | "far";

export interface LaboratoryOptions {
  readonly rounds: number;
  /** Also layers of 5 GiB. */
  readonly large: boolean;
}

/** Where registries are reached. */
export interface Addresses {
  readonly near: string;
  readonly far: string;
}

/** A registry that can be reached both ways. */
export interface Place extends Addresses, AsyncDisposable {}

/** What all measurements share. */
export interface Laboratory extends LaboratoryOptions, AsyncDisposable {
  /** The bundle, built from the sources as they are. */
  readonly program: string;
  /** Empty, and nobody's. */
  readonly home: string;
  /** Everything is copied from here. */
  readonly source: Addresses;
  /** Those of the named that are on this machine, ourselves first. */
  contenders(peers: readonly PeerName[]): readonly Contender[];
  /** Pushes images to the source, each only once in a life; answers their names. */
  stock(images: readonly BenchImage[]): Promise<readonly string[]>;
}

/** Below which the source has its images. */
export const stockPrefix = "bench";

export async function openLaboratory(options: LaboratoryOptions): Promise<Laboratory> {
  const root = dirname(dirname(import.meta.dirname));
  const { file: program } = await buildBundle({
    root,
    outputFolder: join(root, "dist"),
  });
  const folder = await openFolder();
  const home = join(folder, "home");
  await mkdir(home);
  const source = await openPlace();
  const stocked = new Set<string>();
  return {
    ...options,
    program,
    home,
    source,
    contenders(peers) {
      const found = peers.map((name) => peer(name, home)).filter((each) => each !== undefined);
      return [promoter({ program, home }), ...found];
    },
    async stock(images) {
      const missing = images.filter(({ name }) => !stocked.has(name));
      await pushAll(missing, source.near, stockPrefix);
      for (const { name } of missing) stocked.add(name);
      return images.map(({ name }) => name);
    },
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A folder in which everything has its temporary files, so that gigabytes go even when a run is broken off. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  process.env.TMPDIR = folder;
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true, force: true });
      process.exit(code);
    });
  }
  return folder;
}

/** Starts a registry that holds nothing. */
export async function openPlace(): Promise<Place> {
  await using parts = new AsyncDisposableStack();
  const registry: Distribution = parts.use(await startDistribution());
  const far = parts.use(await openFarNetwork(registry.address));
  const held = parts.move();
  return { near: registry.address, far: far.address, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** The program alone. */
export function ourselves(laboratory: Laboratory): Contender {
  const found = laboratory.contenders([]).find(({ name }) => name === ourName);
  if (found === undefined) throw new Error("The program is missing");
  return found;
}
