import { coldCopies, warmCopies } from "./copies.ts";
import { big, blobBytes, family, small } from "./images.ts";
import type { Laboratory } from "./laboratory.ts";
import { hashLimit, type Limits, networkLimit, processorLimit, startLimit } from "./limits.ts";
import type { Runs } from "./paired.ts";
import { comparison, type RelativeReach, type Row } from "./row.ts";

/** Measures one kind of work. */
export type Bench = (laboratory: Laboratory, limits: Limits) => Promise<readonly Row[]>;

const everyCopier = ["crane", "regctl", "oras", "skopeo"] as const;
/** What a copy cannot do without: content before what names it. */
const chain = ["connection", "index", "manifests", "blobs out", "blobs in", "manifests", "index"];
const noop = ["connection", "tags"];

/** A row of copies over the far network: round trips limit them, or the machine that has to carry both ends. */
function farRow(
  work: string,
  runs: Runs,
  reach: RelativeReach,
  roundTrips: readonly string[],
  bytesOnOneConnection = 0,
): readonly Row[] {
  const limit = `${networkLimit(roundTrips, bytesOnOneConnection)}<br>${processorLimit(runs)}`;
  return [comparison({ work, runs, reach, limit })];
}

const oneUnchanged: Bench = async (laboratory) => {
  const runs = await warmCopies(laboratory, { images: [small()], distance: "far", peers: everyCopier });
  return farRow("nothing to do, one image, far", runs, { peer: "regctl", atMost: 0.85 }, noop);
};

const fortyUnchanged: Bench = async (laboratory) => {
  const peers = ["crane", "regsync"] as const;
  const runs = await warmCopies(laboratory, { images: family(40), distance: "far", peers });
  return farRow("nothing to do, 40 images in one run, far", runs, { peer: "regsync", atMost: 0.5 }, noop);
};

const smallFar: Bench = async (laboratory) => {
  const runs = await coldCopies(laboratory, { images: [small()], distance: "far", peers: everyCopier });
  return farRow("*small* into a fresh repository, far", runs, { peer: "crane", atMost: 0.5 }, chain);
};

const bigFar: Bench = async (laboratory) => {
  const copies = { images: [big()], distance: "far", peers: everyCopier, heavy: true } as const;
  const runs = await coldCopies(laboratory, copies);
  const work = "*big* (480 MiB) into a fresh repository, far";
  return farRow(work, runs, { peer: "crane", atMost: 0.55 }, chain, 40 * 1024 ** 2);
};

const smallNear: Bench = async (laboratory, limits) => {
  const runs = await coldCopies(laboratory, { images: [small()], distance: "near", peers: everyCopier });
  const limit = `${startLimit(limits)}<br>${processorLimit(runs)}`;
  const reach = { peer: "crane", atMost: 1.3 };
  return [comparison({ work: "*small* into a fresh repository, near", runs, reach, limit })];
};

const bigNear: Bench = async (laboratory, limits) => {
  const images = [big()];
  const runs = await coldCopies(laboratory, { images, distance: "near", peers: everyCopier });
  const limit = hashLimit(limits, blobBytes(images));
  return [
    comparison({
      work: "*big* into a fresh repository, near",
      runs,
      reach: { peer: "crane", atMost: 1.05 },
      limit: `${limit}<br>${processorLimit(runs)}`,
    }),
    comparison({
      work: "processor time for *big*",
      runs,
      reach: { peer: "crane", atMost: 1.5 },
      limit,
      of: ({ cpuMs }) => cpuMs,
    }),
  ];
};

const familyFar: Bench = async (laboratory) => {
  const peers = ["crane", "regsync"] as const;
  const runs = await coldCopies(laboratory, { images: family(40), distance: "far", peers, heavy: true });
  const work = "40 images that share a base of six layers of 2 MiB, into fresh repositories, far";
  const roundTrips = ["connection", "manifests", "blobs out", "blobs in", "mounts", "manifests"];
  return farRow(work, runs, { peer: "crane", atMost: 0.3 }, roundTrips, 2 * 1024 ** 2);
};

/** Copies that peers can do, too, by the names by which one is asked for. */
export const copyBenches: Readonly<Record<string, Bench>> = {
  "noop-one": oneUnchanged,
  "noop-forty": fortyUnchanged,
  "small-far": smallFar,
  "big-far": bigFar,
  "small-near": smallNear,
  "big-near": bigNear,
  "family-far": familyFar,
};
