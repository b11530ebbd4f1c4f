import { referrersTag } from "../../job/oci/referrers-tag.ts";
import { artifact, referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";
import { multiPlatform, platforms } from "../fixtures/platforms.ts";

/** An image that a fleet wants in production. */
export interface FleetImage {
  readonly repository: string;
  /** Absent where it is wanted by its digest alone. */
  readonly tag?: string;
  readonly fixture: ImageFixture;
  /** Referrers, attestations and signatures, which have to come along. */
  readonly attached?: readonly ImageFixture[];
  /** By cosign's tags. */
  readonly cosign?: readonly { readonly tag: string; readonly fixture: ImageFixture }[];
}

/** The layer that takes its time: big enough to be caught in its middle. */
const big = layerArchive(600_000, 7);
const base = [layerArchive(20_000, 1), layerArchive(3_000, 2)];

function service(seed: number): ImageFixture {
  return image({ base, layers: [2_000], seed });
}

/** One image for each of so many platforms, on the base that all have. */
function members(seed: number, count = 2): readonly ImageFixture[] {
  return platforms(count).map((platform, position) =>
    image({ base, layers: [1_500], platform, seed: seed * 100 + position }),
  );
}

const attested = members(20);
const signed = service(30);
const sbom = referrer(signed);
const signedIndex = index(members(31));
const byDigest = service(40);

/** What production has before anybody promotes anything. */
export const standing = {
  /** The same image, under the same tag, in both accounts. */
  same: service(50),
  /** Development's tag has moved on from this. */
  old: service(51),
  moved: service(52),
  /** Of nobody's concern. */
  neighbours: [service(53), multiPlatform({ seed: 54 })],
} as const;

/** Images of every kind, which share layers and members across tags and repositories. */
export const fleet: readonly FleetImage[] = [
  { repository: "team/api", tag: "1.0", fixture: service(10) },
  { repository: "team/api", tag: "1.1", fixture: service(11) },
  { repository: "team/api", tag: "1.1-again", fixture: service(11) },
  { repository: "team/web", tag: "1.0", fixture: withAttestations(attested) },
  { repository: "team/web", tag: "1.1", fixture: index([...attested.slice(0, 1), ...members(21, 1)]) },
  { repository: "team/nested", tag: "1", fixture: index([index(members(22)), service(23)]) },
  { repository: "team/docker", tag: "1", fixture: multiPlatform({ family: "docker", seed: 24 }) },
  { repository: "team/chart", tag: "1", fixture: artifact({ content: "a chart" }) },
  {
    repository: "team/signed",
    tag: "1",
    fixture: signed,
    attached: [sbom, referrer(sbom, "application/vnd.example.signature")],
    cosign: [signature(signed)],
  },
  {
    repository: "team/signed",
    tag: "2",
    fixture: signedIndex,
    attached: [
      referrer(signedIndex),
      ...members(31).map((member) => referrer(member, "application/vnd.example.provenance")),
    ],
  },
  {
    repository: "team/pinned",
    fixture: byDigest,
    attached: [referrer(byDigest)],
    cosign: [signature(byDigest)],
  },
  { repository: "team/big", tag: "1", fixture: image({ base: [...base, big], seed: 60 }) },
  { repository: "team/moving", tag: "stable", fixture: standing.moved },
  { repository: "team/standing", tag: "1", fixture: standing.same },
];

/** The big layer's digest. */
export const bigLayer = big.blob.digest;

/** The digests of everything that belongs to an image: manifests, and what is attached. */
export function manifestsOf({ fixture, attached = [], cosign = [] }: FleetImage): readonly string[] {
  const all = [fixture, ...attached, ...cosign.map((one) => one.fixture)];
  return all.flatMap(({ manifests }) => manifests.map(({ descriptor }) => descriptor.digest));
}

/** The tags that an image has to have at the destination, with what they stand for. */
export function tagsOf({ tag, fixture, cosign = [] }: FleetImage): ReadonlyMap<string, string> {
  const own = tag === undefined ? [] : [[tag, rootDigest(fixture)] as const];
  return new Map([...own, ...cosign.map((one) => [one.tag, rootDigest(one.fixture)] as const)]);
}

/** The tag of the list in which a referrer is found where the referrers API does not answer. */
export function listTagOf({ manifests }: ImageFixture): string {
  const { subject } = JSON.parse(Buffer.from(manifests.at(-1)?.bytes ?? []).toString());
  return referrersTag(subject.digest);
}
