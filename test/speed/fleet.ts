import { withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image } from "../fixtures/image-fixture.ts";
import { layerArchive } from "../fixtures/layer-archive.ts";

/** An image of the fleet under one of its tags. */
export interface FleetImage {
  readonly repository: string;
  readonly tag: string;
  readonly fixture: ImageFixture;
}

const repositories = 39;
/** So many repositories have an older version, too. */
const withTwoTags = 12;
const kib = 1_024;

/**
 * What a platform team mirrors: 39 repositories with 51 tags. Each is an index of two platforms with attestations, and
 * each platform has three layers of its family's base, of which there are four, and three of its own.
 */
export function fleet(): readonly FleetImage[] {
  return Array.from({ length: repositories }, (_, position) => position).flatMap((position) =>
    position < withTwoTags
      ? [version(position, "1.0"), version(position, "1.1")]
      : [version(position, "1.0")],
  );
}

function version(position: number, tag: string): FleetImage {
  const seed = 10_000 + position * 100 + (tag === "1.0" ? 0 : 50);
  const members = ["amd64", "arm64"].map((architecture, number) =>
    image({
      platform: { os: "linux", architecture },
      base: baseOf(position % 4, number),
      layers: [8 * kib, 2 * kib, 500],
      seed: seed + number,
    }),
  );
  return { repository: `team-${position % 5}/service-${position}`, tag, fixture: withAttestations(members) };
}

function baseOf(kind: number, platform: number) {
  return [24 * kib, 4 * kib, kib].map((bytes, layer) =>
    layerArchive(bytes, 9_000 + kind * 10 + platform * 5 + layer),
  );
}

/** Every manifest and blob once, whoever has it: digest to size in bytes. */
export function distinct(images: readonly { readonly fixture: ImageFixture }[]) {
  const all = images.map(({ fixture }) => fixture);
  const manifests = all.flatMap((fixture) => fixture.manifests.map(({ descriptor }) => descriptor));
  const sizes = (content: readonly { readonly digest: string; readonly size: number }[]) =>
    new Map(content.map(({ digest, size }) => [digest, size]));
  return { manifests: sizes(manifests), blobs: sizes(all.flatMap(({ blobs }) => blobs)) };
}
