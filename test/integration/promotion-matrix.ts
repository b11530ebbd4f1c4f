import type { ErrorCode } from "../../job/error.ts";
import type { ImageStatus } from "../../job/promotion/report.ts";
import { artifact, referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import { foreignLayer, layerless, sha512Layer, sha512Manifest, unknownMember } from "./odd-images.ts";
import type { WorldKind } from "./world.ts";

/** Content in a repository, and the tags on it. */
export interface Placed {
  readonly fixture: ImageFixture;
  readonly tags: readonly string[];
  /** Below the row's own repository: `/api`. Default that repository itself. */
  readonly under?: string;
}

/** What comes of promoting a row's images, in their order. */
export interface Outcome {
  readonly code: number;
  readonly images: readonly {
    readonly status: ImageStatus;
    readonly digest?: string;
    readonly previousDigest?: string;
    readonly referrers?: number;
    readonly error?: { readonly code: ErrorCode };
  }[];
}

/** Where a registry makes a row go another way. */
export interface Departure {
  readonly why: string;
  /** Instead of the row's. */
  readonly expected?: Outcome;
  /** The registry refuses the source's content with this answer, so there is nothing to promote. */
  readonly refusesSource?: RegExp;
}

export interface MatrixRow {
  readonly name: string;
  readonly source: readonly Placed[];
  /** At the destination before. */
  readonly destination?: readonly Placed[];
  /** Things with a subject, which come with what they are about. */
  readonly referrers?: readonly (readonly [subject: ImageFixture, referrer: ImageFixture])[];
  /** What follows the repository in each image that is asked for. Default `:1`. */
  readonly images?: readonly string[];
  readonly expected: Outcome;
  /** What is at the destination afterwards. Default what is at the source. */
  readonly after?: readonly Placed[];
  readonly departures?: Partial<Readonly<Record<WorldKind, Departure>>>;
}

/** The image under tag 1 arrives as it is. */
function copies(
  name: string,
  fixture: ImageFixture,
  departures: MatrixRow["departures"] = {},
  more: Partial<MatrixRow> = {},
): MatrixRow {
  const expected = { code: 0, images: [{ status: "copied", digest: rootDigest(fixture) }] } as const;
  return { name, source: [{ fixture, tags: ["1"] }], expected, departures, ...more };
}

function fails(code: ErrorCode): Outcome {
  return { code: 4, images: [{ status: "failed", error: { code } }] };
}

const ours = multiPlatform({ seed: 40 });
const before = image({ seed: 41 });
const signed = multiPlatform({ seed: 42 });
const member = image({ seed: 4_200, platform: { os: "linux", architecture: "amd64" } });
const sbom = referrer(signed);
const cosign = signature(ours);
const base = [layerArchive(20_000, 9_001), layerArchive(0, 9_002)];
const [api, web] = [image({ base, seed: 43 }), image({ base, seed: 44 })];

/** What images look like. */
const shapes: readonly MatrixRow[] = [
  copies("an image", image({ seed: 20 })),
  copies("a Docker schema 2 image", image({ seed: 21, family: "docker" })),
  copies("an image with the same layer twice", image({ seed: 22, base: [...base, ...base] })),
  copies("an index of two platforms", multiPlatform({ seed: 23 })),
  copies("a Docker manifest list", multiPlatform({ seed: 24, family: "docker" })),
  copies("thirty platforms", multiPlatform({ seed: 25, count: 30 })),
  copies("BuildKit's attestations", withAttestations([image({ seed: 26 }), image({ seed: 27 })])),
  copies("an index in an index", index([multiPlatform({ seed: 28 }), image({ seed: 29 })])),
  copies("an artifact", artifact({ content: "a chart" })),
  copies("an empty index", index([])),
  copies("an image without layers", layerless(), {
    ecr: {
      why: "ECR takes no image manifest without layers; the source had it from elsewhere",
      expected: fails("Unsupported"),
    },
  }),
  copies("a layer that may not be distributed", foreignLayer()),
  copies("a layer under sha512", sha512Layer()),
  copies("a manifest under sha512", sha512Manifest(), {
    distribution: {
      why: "distribution names manifests by sha256 only, blobs by sha512 too",
      refusesSource: /DIGEST_INVALID/,
    },
  }),
  copies("a member that is no manifest we know", unknownMember(), {
    ecr: { why: "ECR takes only what it knows as a manifest", expected: fails("Unsupported") },
    distribution: {
      why: "distribution takes only media types that it has a reader for",
      refusesSource: /MANIFEST_INVALID/,
    },
  }),
];

/** What goes along, what is shared, and what is there already. */
const situations: readonly MatrixRow[] = [
  copies(
    "referrers of an index, of its member and of a referrer",
    signed,
    {},
    {
      referrers: [
        [signed, sbom],
        [signed, referrer(signed, "application/vnd.example.scan")],
        [sbom, referrer(sbom, "application/vnd.example.signature")],
        [member, referrer(member, "application/vnd.example.of-platform")],
      ],
      expected: { code: 0, images: [{ status: "copied", digest: rootDigest(signed), referrers: 4 }] },
    },
  ),
  copies(
    "a signature under cosign's tag",
    ours,
    {},
    {
      source: [
        { fixture: ours, tags: ["1"] },
        { fixture: cosign.fixture, tags: [cosign.tag] },
      ],
      expected: { code: 0, images: [{ status: "copied", referrers: 1 }] },
    },
  ),
  {
    name: "images that share their base",
    source: [
      { under: "/api", fixture: api, tags: ["1"] },
      { under: "/web", fixture: web, tags: ["1"] },
    ],
    images: ["/api:1", "/web:1"],
    expected: { code: 0, images: [{ status: "copied" }, { status: "copied" }] },
  },
  copies(
    "content that is there under another tag",
    ours,
    {},
    {
      destination: [{ fixture: ours, tags: ["0"] }],
      expected: { code: 0, images: [{ status: "retagged", digest: rootDigest(ours) }] },
    },
  ),
  copies(
    "an image that is there",
    ours,
    {},
    {
      destination: [{ fixture: ours, tags: ["1"] }],
      expected: { code: 0, images: [{ status: "up-to-date", digest: rootDigest(ours) }] },
    },
  ),
  copies(
    "a tag that moves",
    ours,
    {},
    {
      destination: [{ fixture: before, tags: ["1"] }],
      expected: { code: 0, images: [{ status: "copied", previousDigest: rootDigest(before) }] },
    },
  ),
  copies("a digest", ours, {}, { images: [`@${rootDigest(ours)}`], after: [{ fixture: ours, tags: [] }] }),
  copies("a tag with a digest", ours, {}, { images: [`:1@${rootDigest(ours)}`] }),
  {
    name: "an image that only the destination has still",
    source: [{ fixture: before, tags: ["0"] }],
    destination: [{ fixture: ours, tags: ["1"] }],
    expected: { code: 0, images: [{ status: "kept", digest: rootDigest(ours) }] },
    after: [{ fixture: ours, tags: ["1"] }],
  },
  {
    name: "an image that nobody has",
    source: [{ fixture: before, tags: ["0"] }],
    expected: fails("ManifestUnknown"),
    after: [],
  },
];

/** Every row runs against every registry; where one departs, the row says why. */
export const promotionMatrix: readonly MatrixRow[] = [...shapes, ...situations];
