import type { PromotionReport } from "../../job/promotion/report.ts";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { ImageFixture } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { pushOverHttp } from "../fixtures/push-over-http.ts";
import { type CommandRun, runCommand } from "../scenarios/command-run.ts";
import {
  devAccount,
  devHost,
  prodAccount,
  prodHost,
  region,
  twoAccounts,
} from "../scenarios/two-accounts.ts";
import { startDistribution } from "./distribution.ts";
import type { RepositoryAddress } from "./read-over-http.ts";
import { openTap, type Tap } from "./tap.ts";

/** `ecr` and `strict` are the emulator's modes; `distribution` is the reference implementation, version 2.8. */
export type WorldKind = "ecr" | "strict" | "distribution";

/** One registry as tests reach it. */
export interface Side {
  /** As references name it. */
  readonly host: string;
  /** A repository over plain HTTP; it is made where repositories must be. */
  open(repository: string): RepositoryAddress;
  /** Puts content there as somebody did before the promotion. */
  put(repository: string, fixture: ImageFixture, tags: readonly string[]): Promise<void>;
}

/** Two registries and a command line that promotes from the one to the other. */
export interface World extends AsyncDisposable {
  readonly kind: WorldKind;
  readonly source: Side;
  readonly destination: Side;
  /** Runs `promote -o json` between the two and reads the report. */
  promote(args: readonly string[]): Promise<CommandRun & { readonly report: PromotionReport }>;
  /** How many requests have changed something at either registry, or have tried to. */
  writes(): number;
  /** The emulator behind it, where there is one. */
  readonly emulator?: EcrEmulator;
}

export function openWorld(kind: WorldKind): Promise<World> {
  switch (kind) {
    case "ecr":
      return openEcr();
    case "strict":
      return openStrict();
    case "distribution":
      return openDistribution();
  }
}

async function openEcr(): Promise<World> {
  const world = await twoAccounts();
  const { emulator } = world;
  const side = async (host: string, account: string, make: typeof world.dev): Promise<Side> => {
    const registry = `http://${await emulator.listen(account, region)}`;
    const { authorizationToken } = emulator.account(account).admin().mintToken();
    return {
      host,
      open(repository) {
        make(repository);
        return { registry, repository, authorization: `Basic ${authorizationToken}` };
      },
      async put(repository, fixture, tags) {
        placeImage(make(repository), fixture, { tags });
      },
    };
  };
  return {
    kind: "ecr",
    emulator,
    source: await side(devHost, devAccount, world.dev),
    destination: await side(prodHost, prodAccount, world.prod),
    promote: world.promote,
    writes: () => emulatorWrites(emulator),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

async function openStrict(options: EmulatorOptions = {}): Promise<World> {
  const emulator = await startEcrEmulator({ ...options, mode: "strict" });
  const side = async (account: string): Promise<Side> => {
    const host = await emulator.listen(account, region);
    return {
      host,
      open: (repository) => ({ registry: `http://${host}`, repository }),
      async put(repository, fixture, tags) {
        placeImage(emulator.repository(account, region, repository), fixture, { tags });
      },
    };
  };
  const [source, destination] = [await side(devAccount), await side(prodAccount)];
  return {
    kind: "strict",
    emulator,
    source,
    destination,
    promote: promoteBetween(source, destination),
    writes: () => emulatorWrites(emulator),
    [Symbol.asyncDispose]: () => emulator[Symbol.asyncDispose](),
  };
}

async function openDistribution(): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const side = async (): Promise<Side & { tap: Tap }> => {
    const { address } = opened.use(await startDistribution());
    const tap = opened.use(await openTap(address));
    const registry = `http://${tap.address}`;
    return {
      tap,
      host: tap.address,
      open: (repository) => ({ registry, repository }),
      put: (repository, fixture, tags) => pushOverHttp(fixture, { registry, repository, tags }),
    };
  };
  const [source, destination] = await Promise.all([side(), side()]);
  const stack = opened.move();
  return {
    kind: "distribution",
    source,
    destination,
    promote: promoteBetween(source, destination),
    writes: () => [source, destination].flatMap(({ tap }) => tap.requests).filter(changes).length,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function promoteBetween(source: Side, destination: Side): World["promote"] {
  return async (args) => {
    const route = ["--from", source.host, "--to", destination.host];
    const done = await runCommand(["promote", "-o", "json", ...route, ...args]);
    if (done.stdout === "") throw new Error(`no report, exit code ${done.code}: ${done.stderr}`);
    return { ...done, report: JSON.parse(done.stdout) };
  };
}

function emulatorWrites({ requests }: EcrEmulator): number {
  return requests.filter(({ method, kind }) => changes({ method }) && kind !== "ecr-api" && kind !== "sts")
    .length;
}

function changes({ method }: { readonly method: string }): boolean {
  return method !== "GET" && method !== "HEAD";
}
