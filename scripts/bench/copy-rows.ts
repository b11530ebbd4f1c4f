import { coldCopies, warmCopies } from "./copies.ts";
import { big, blobBytes, family, small } from "./images.ts";
import type { Laboratory } from "./laboratory.ts";
import { hashLimit, type Limits, networkLimit, startLimit } from "./limits.ts";
import { comparison, type Row } from "./row.ts";

/** Measures one kind of work. */
export type Bench = (laboratory: Laboratory, limits: Limits) => Promise<readonly Row[]>;

const everyCopier = ["crane", "regctl", "oras", "skopeo"] as const;
/** What a copy cannot do without: content before what names it. */
const chain = ["connection", "index", "manifests", "blobs out", "blobs in", "manifests", "index"];
const noop = ["connection", "tags"];

const oneUnchanged: Bench = async (laboratory) => [
  comparison({
    work: "nothing to do, one image, far",
    runs: await warmCopies(laboratory, { images: [small()], distance: "far", peers: everyCopier }),
    reach: { peer: "regctl", atMost: 0.85 },
    limit: networkLimit(noop),
  }),
];

const fortyUnchanged: Bench = async (laboratory) => [
  comparison({
    work: "nothing to do, 40 images in one run, far",
    runs: await warmCopies(laboratory, {
      images: family(40),
      distance: "far",
      peers: ["crane", "regsync"],
    }),
    reach: { peer: "regsync", atMost: 0.5 },
    limit: networkLimit(noop),
  }),
];

const smallFar: Bench = async (laboratory) => [
  comparison({
    work: "*small* into a fresh repository, far",
    runs: await coldCopies(laboratory, { images: [small()], distance: "far", peers: everyCopier }),
    reach: { peer: "crane", atMost: 0.5 },
    limit: networkLimit(chain),
  }),
];

const bigFar: Bench = async (laboratory) => [
  comparison({
    work: "*big* (480 MiB) into a fresh repository, far",
    runs: await coldCopies(laboratory, { images: [big()], distance: "far", peers: everyCopier, heavy: true }),
    reach: { peer: "crane", atMost: 0.55 },
    limit: networkLimit(chain, 40 * 1024 ** 2),
  }),
];

const smallNear: Bench = async (laboratory, limits) => [
  comparison({
    work: "*small* into a fresh repository, near",
    runs: await coldCopies(laboratory, { images: [small()], distance: "near", peers: everyCopier }),
    reach: { peer: "crane", atMost: 1.3 },
    limit: startLimit(limits),
  }),
];

const bigNear: Bench = async (laboratory, limits) => {
  const images = [big()];
  const runs = await coldCopies(laboratory, { images, distance: "near", peers: everyCopier });
  const limit = hashLimit(limits, blobBytes(images));
  return [
    comparison({
      work: "*big* into a fresh repository, near",
      runs,
      reach: { peer: "crane", atMost: 1.05 },
      limit,
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

const familyFar: Bench = async (laboratory) => [
  comparison({
    work: "40 images that share a base of six layers of 2 MiB, into fresh repositories, far",
    runs: await coldCopies(laboratory, {
      images: family(40),
      distance: "far",
      peers: ["crane", "regsync"],
      heavy: true,
    }),
    reach: { peer: "crane", atMost: 0.3 },
    limit: networkLimit(
      ["connection", "manifests", "blobs out", "blobs in", "mounts", "manifests"],
      2 * 1024 ** 2,
    ),
  }),
];

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
