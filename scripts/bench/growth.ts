import { crowd } from "./images.ts";
import { type Laboratory, openPlace, ourselves, stockPrefix } from "./laboratory.ts";
import { type Measured, measured } from "./measured-run.ts";
import { type LayerCopy, layerCopies } from "./memory.ts";

/** What so many images took, far. */
export interface CrowdCopy {
  readonly images: number;
  readonly cold: Measured;
  /** The same again, with nothing to do. */
  readonly warm: Measured;
}

/** How work grows with what there is to do. */
export interface Growth {
  readonly crowds: readonly CrowdCopy[];
  readonly layers: readonly LayerCopy[];
}

export async function measureGrowth(laboratory: Laboratory): Promise<Growth> {
  const crowds: CrowdCopy[] = [];
  for (const images of [1, 10, 100, 1_000]) {
    const names = await laboratory.stock(crowd(images));
    await using destination = await openPlace();
    const route = {
      from: `${laboratory.source.far}/${stockPrefix}`,
      to: `${destination.far}/${stockPrefix}`,
      names,
    };
    const run = async () => measured(await ourselves(laboratory).command(route));
    crowds.push({ images, cold: await run(), warm: await run() });
  }
  return { crowds, layers: await layerCopies(laboratory) };
}
