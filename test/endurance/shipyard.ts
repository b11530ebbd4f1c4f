import { fileURLToPath } from "node:url";
import type { EmulatorOptions } from "../emulator/emulator-options.ts";
import type { Repository, TagMutability } from "../emulator/repository.ts";
import { index, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, prodHost, region, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { type FleetImage, fleet, listTagOf, standing } from "./fleet.ts";

export interface ShipyardOptions {
  /** How the repositories of production are before the promotion. `missing` are made by it, immutable. Default `MUTABLE`. */
  readonly repositories?: TagMutability | "missing";
  /** Whether ECR's blob mounting is on. Default false. */
  readonly mounting?: boolean;
  /** What is promoted. Default the whole fleet. */
  readonly images?: readonly FleetImage[];
  readonly emulator?: EmulatorOptions;
}

/** Two accounts, the fleet in development, and what stands in production already. */
export interface Shipyard extends AsyncDisposable {
  readonly world: TwoAccounts;
  /** The command line that promotes `images`. */
  readonly args: readonly string[];
  readonly images: readonly FleetImage[];
  /** All of production, by name. */
  readonly production: ReadonlyMap<string, Repository>;
}

const immutableRepositories = fileURLToPath(new URL("immutable-repositories.yaml", import.meta.url));

/** What production has before, and keeps as it is set. */
const untouched = ["team/standing", "team/moving", "team/neighbour"];

export async function openShipyard(options: ShipyardOptions = {}): Promise<Shipyard> {
  const { repositories = "MUTABLE", mounting = false, images = fleet } = options;
  const world = await twoAccounts(options.emulator);
  if (mounting) world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
  placeFleet(world);
  placeStanding(world);
  placeEmpty(world, repositories);
  const names = images.map(
    ({ repository, tag, fixture }) =>
      `${prodHost}/${repository}${tag === undefined ? `@${rootDigest(fixture)}` : `:${tag}`}`,
  );
  return {
    world,
    images,
    args: [
      "promote",
      "-o",
      "json",
      ...names,
      ...(repositories === "missing" ? ["--config", immutableRepositories] : []),
    ],
    production: world.emulator.store.region(prodAccount, region).repositories,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function placeEmpty(world: TwoAccounts, repositories: TagMutability | "missing"): void {
  if (repositories === "missing") {
    world.allow("ecr:CreateRepository", "ecr:DescribeRepositories");
    return;
  }
  for (const { repository } of fleet) {
    if (!untouched.includes(repository)) world.prod(repository, { imageTagMutability: repositories });
  }
}

function placeFleet(world: TwoAccounts): void {
  for (const { repository, tag, fixture, attached = [], cosign = [] } of fleet) {
    const dev = world.dev(repository);
    placeImage(dev, fixture, { tags: tag === undefined ? [] : [tag] });
    for (const each of attached) placeImage(dev, each);
    // Nobody asks for these where the referrers API answers.
    for (const [tag, members] of Map.groupBy(attached, listTagOf))
      placeImage(dev, index(members), { tags: [tag] });
    for (const each of cosign) placeImage(dev, each.fixture, { tags: [each.tag] });
  }
}

function placeStanding(world: TwoAccounts): void {
  placeImage(world.prod("team/standing", { imageTagMutability: "IMMUTABLE" }), standing.same, {
    tags: ["1"],
  });
  placeImage(world.prod("team/moving"), standing.old, { tags: ["stable", "0.9"] });
  const [plain, platforms] = standing.neighbours;
  placeImage(world.prod("team/neighbour"), plain, { tags: ["1"] });
  placeImage(world.prod("team/neighbour"), platforms, { tags: ["2"] });
}
