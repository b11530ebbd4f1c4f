import process from "node:process";
import { rootDigest } from "../../test/fixtures/image-fixture.ts";
import { placeImage } from "../../test/fixtures/place-image.ts";
import { multiPlatform } from "../../test/fixtures/platforms.ts";
import {
  devAccount,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "../../test/scenarios/two-accounts.ts";
import { findTool } from "../../test/tool.ts";
import { bareEnvironment, ourName } from "./contenders.ts";
import type { Bench } from "./copy-rows.ts";
import type { Laboratory } from "./laboratory.ts";
import { startLimit } from "./limits.ts";
import { type Command, measured } from "./measured-run.ts";
import { runPaired } from "./paired.ts";
import { comparison, type Row } from "./row.ts";

const repository = "team/app";
const seedsWay = "aws and crane";

/** A password for each registry, a login for each, and a copy: what people write before they have a tool. */
const script = `set -eu
for registry in "$1" "$2"; do
  "$AWS" ecr get-login-password --region ${region} | "$CRANE" auth login "$registry" --username AWS --password-stdin
done
"$CRANE" copy "$1/${repository}:1" "$2/${repository}:1"`;

/** With nothing to do, against two accounts of the emulator. */
export const seedsWayRow: Bench = async (laboratory, limits) => {
  await using world = await unchanged();
  const paired = [
    { name: ourName, command: async () => ours(laboratory, world, `${prodHost}/${repository}:1`) },
    ...(await theSeedsWay(laboratory, world)),
  ];
  const runs = await runPaired(paired, laboratory.rounds);
  return [
    comparison({
      work: "nothing to do on ECR: `get-login-password` and `crane auth login` twice, then `crane copy`",
      runs,
      reach: { peer: seedsWay, atMost: 0.25 },
      limit: startLimit(limits),
    }),
  ];
};

/** Counted by the emulator. */
export const requestsRow: Bench = async (laboratory) => {
  await using world = await unchanged();
  const count = async (target: string) => {
    world.emulator.clearRequests();
    await measured(ours(laboratory, world, target));
    const tokens = world.emulator.requests.filter(({ action }) => action === "GetAuthorizationToken").length;
    return { tokens, others: world.emulator.requests.length - tokens };
  };
  const tag = await count(`${prodHost}/${repository}:1`);
  const digest = await count(`${prodHost}/${repository}@${rootDigest(multiPlatform())}`);
  const value = (counted: typeof tag) => `${counted.others}, and ${counted.tokens} for the token`;
  const row: Row = {
    work: "ECR requests per unchanged image",
    results: [
      { name: "a tag", value: value(tag) },
      { name: "a digest", value: value(digest) },
    ],
    reach: "2 for a tag, 1 for a digest, and 1 for a region's token",
    met: tag.others <= 2 && digest.others <= 1 && tag.tokens <= 1 && digest.tokens <= 1,
    limit: "2: what each registry says of the tag; 1: what the destination says of the digest",
  };
  return [row];
};

async function unchanged(): Promise<TwoAccounts> {
  const world = await twoAccounts();
  for (const place of [world.dev(repository), world.prod(repository)]) {
    placeImage(place, multiPlatform(), { tags: ["1"] });
  }
  return world;
}

function ours({ program, home }: Laboratory, world: TwoAccounts, target: string): Command {
  const line = [process.execPath, program, "promote", target];
  return { line, env: { ...bareEnvironment(home), AWS_REGION: region, ...world.env } };
}

async function theSeedsWay({ home }: Laboratory, { emulator, env }: TwoAccounts) {
  const [AWS, CRANE] = [findTool("aws"), findTool("crane")];
  if (AWS === undefined || CRANE === undefined) return [];
  const [from, to] = [await emulator.listen(devAccount, region), await emulator.listen(prodAccount, region)];
  const command = {
    line: ["sh", "-c", script, "sh", from, to],
    env: { ...bareEnvironment(home), ...env, AWS, CRANE },
  };
  return [{ name: seedsWay, command: async () => command }];
}
