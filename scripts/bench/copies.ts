import type { Contender, PeerName } from "./contenders.ts";
import type { BenchImage } from "./images.ts";
import { type Distance, type Laboratory, openPlace, ourselves, stockPrefix } from "./laboratory.ts";
import { type Measured, measured } from "./measured-run.ts";
import { type Runs, runPaired } from "./paired.ts";

export interface CopyWork {
  readonly images: readonly BenchImage[];
  readonly distance: Distance;
  readonly peers: readonly PeerName[];
  /** Whether it takes so long that half of the rounds have to do. */
  readonly heavy?: boolean;
}

/**
 * Everybody copies into repositories that are new, in a registry that each round has for itself: a tool that remembers
 * where it saw a blob does not find it there.
 */
export async function coldCopies(laboratory: Laboratory, work: CopyWork): Promise<Runs> {
  const names = await laboratory.stock(work.images);
  const contenders = laboratory.contenders(work.peers);
  const runs = new Map<string, Measured[]>(contenders.map(({ name }) => [name, []]));
  const rounds = work.heavy === true ? Math.max(1, Math.floor(laboratory.rounds / 2)) : laboratory.rounds;
  for (let round = 0; round < rounds; round += 1) {
    await using destination = await openPlace();
    const turned = [...contenders.slice(round % contenders.length), ...contenders].slice(
      0,
      contenders.length,
    );
    const paired = turned.map((contender) => ({
      name: contender.name,
      command: () =>
        contender.command(journey(laboratory, contender, destination[work.distance], names, work)),
    }));
    for (const [name, taken] of await runPaired(paired, 1)) runs.get(name)?.push(...taken);
  }
  return runs;
}

/** Everybody is asked for what is there. */
export async function warmCopies(laboratory: Laboratory, work: CopyWork): Promise<Runs> {
  const names = await laboratory.stock(work.images);
  await using destination = await openPlace();
  const route = {
    from: `${laboratory.source[work.distance]}/${stockPrefix}`,
    to: `${destination[work.distance]}/${stockPrefix}`,
    names,
  };
  const contenders = laboratory.contenders(work.peers);
  await measured(await ourselves(laboratory).command(route));
  const paired = contenders.map(({ name, command }) => ({ name, command: () => command(route) }));
  return await runPaired(paired, laboratory.rounds);
}

function journey(
  { source }: Laboratory,
  { name }: Contender,
  address: string,
  names: readonly string[],
  { distance }: CopyWork,
) {
  return { from: `${source[distance]}/${stockPrefix}`, to: `${address}/${name}`, names };
}
