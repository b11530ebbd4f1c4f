import type { Bench } from "./copy-rows.ts";
import { oneLayer } from "./images.ts";
import { type Laboratory, openPlace, ourselves, stockPrefix } from "./laboratory.ts";
import { type Measured, measured } from "./measured-run.ts";

/** What a copy of one layer took. */
export interface LayerCopy extends Measured {
  readonly mebibytes: number;
}

const taken = new WeakMap<Laboratory, Promise<readonly LayerCopy[]>>();

/** Copies images of one layer each, near; measured once for the table and the plot. */
export function layerCopies(laboratory: Laboratory): Promise<readonly LayerCopy[]> {
  const copies = taken.get(laboratory) ?? copyLayers(laboratory);
  taken.set(laboratory, copies);
  return copies;
}

async function copyLayers(laboratory: Laboratory): Promise<readonly LayerCopy[]> {
  const sizes = [1, 32, 1_024, ...(laboratory.large ? [5 * 1_024] : [])];
  const copies: LayerCopy[] = [];
  for (const mebibytes of sizes) {
    const names = await laboratory.stock([oneLayer(mebibytes)]);
    await using destination = await openPlace();
    const route = {
      from: `${laboratory.source.near}/${stockPrefix}`,
      to: `${destination.near}/${stockPrefix}`,
      names,
    };
    copies.push({ mebibytes, ...(await measured(await ourselves(laboratory).command(route))) });
  }
  return copies;
}

export const peakMemory: Bench = async (laboratory, { nodeMiB }) => {
  const copies = await layerCopies(laboratory);
  const peaks = copies.map(({ mebibytes, peakKiB }) => ({ mebibytes, peak: peakKiB / 1024 }));
  const most = Math.max(...peaks.map(({ peak }) => peak));
  return [
    {
      work: "peak memory by the size of a layer",
      results: peaks.map(({ mebibytes, peak }) => ({
        name: sizeOf(mebibytes),
        value: `${peak.toFixed(0)} MiB`,
      })),
      reach: "at most 110 MiB, flat",
      met: most <= 110,
      limit: `${nodeMiB.toFixed(0)} MiB: \`node -e 0\``,
    },
  ];
};

/** `1 MiB`, `5 GiB` */
export function sizeOf(mebibytes: number): string {
  return mebibytes >= 1_024 ? `${mebibytes / 1_024} GiB` : `${mebibytes} MiB`;
}
