import { withAttestations } from "../../test/fixtures/attachments.ts";
import { hugeImage, type ImageFixture, image } from "../../test/fixtures/image-fixture.ts";
import { layerArchive } from "../../test/fixtures/layer-archive.ts";
import { pushOverHttp } from "../../test/fixtures/push-over-http.ts";

const MiB = 1024 ** 2;
const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));

/** An image that is copied, by its name below the prefix of its registry. */
export interface BenchImage {
  /** `small:v1` */
  readonly name: string;
  readonly fixture: ImageFixture;
}

/** Two platforms with attestations, five layers of 0.2 MiB each: 2 MiB in all. */
export const small = (): BenchImage => twoPlatforms("small", 5, 0.2 * MiB, 1);

/** Two platforms with attestations, six layers of 40 MiB each: 480 MiB in all. */
export const big = (): BenchImage => twoPlatforms("big", 6, 40 * MiB, 3);

/** Images that have six layers of 2 MiB in common, and one of 0.2 MiB each for themselves. */
export function family(count: number): readonly BenchImage[] {
  return relatives("family", count, { base: Array(6).fill(2 * MiB), own: 0.2 * MiB });
}

/** Images of a layer of 100 KiB in common and one of 10 KiB of their own, to see how their number counts. */
export function crowd(count: number): readonly BenchImage[] {
  return relatives("crowd", count, { base: [100 * 1024], own: 10 * 1024 });
}

/** An image of one layer. */
export function oneLayer(mebibytes: number): BenchImage {
  return { name: `layer-${mebibytes}:v1`, fixture: hugeImage(mebibytes * MiB, { seed: 50 + mebibytes }) };
}

/** Pushes images below `prefix`, a few at a time. */
export async function pushAll(images: readonly BenchImage[], address: string, prefix: string): Promise<void> {
  const left = images.values();
  const push = async () => {
    for (const { name, fixture } of left) {
      const [repository, tag = ""] = name.split(":");
      await pushOverHttp(fixture, {
        registry: `http://${address}`,
        repository: `${prefix}/${repository}`,
        tags: [tag],
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, push));
}

/** Bytes of all different blobs. */
export function blobBytes(images: readonly BenchImage[]): number {
  const sizes = new Map(
    images.flatMap(({ fixture }) => fixture.blobs.map(({ digest, size }) => [digest, size])),
  );
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function twoPlatforms(name: string, layers: number, bytes: number, seed: number): BenchImage {
  const sizes: number[] = Array(layers).fill(Math.round(bytes));
  const members = platforms.map((platform, position) =>
    hugeImage(sizes, { platform, seed: seed + position }),
  );
  return { name: `${name}:v1`, fixture: withAttestations(members) };
}

interface Relation {
  readonly base: readonly number[];
  readonly own: number;
}

function relatives(name: string, count: number, relation: Relation): readonly BenchImage[] {
  const base = relation.base.map((bytes, position) => layerArchive(bytes, 10 + position));
  return Array.from({ length: count }, (_, position) => ({
    name: `${name}-${position}:v1`,
    fixture: image({ base, layers: [Math.round(relation.own)], seed: 1_000 + position }),
  }));
}
