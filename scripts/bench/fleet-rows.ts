import { type EcrEmulator, startEcrEmulator } from "../../test/emulator/emulator.ts";
import { placeImage } from "../../test/fixtures/place-image.ts";
import { distinct, fleet } from "../../test/speed/fleet.ts";
import type { Contender } from "./contenders.ts";
import type { Bench } from "./copy-rows.ts";
import { measured } from "./measured-run.ts";
import type { Row } from "./row.ts";

const [from, to, region] = ["111111111111", "222222222222", "eu-west-1"] as const;
const images = fleet();

/** What one run asked the registries for. */
interface Traffic {
  readonly requests: number;
  /** Bytes of content, out of the source and into the destination. */
  readonly bytes: number;
}

/**
 * 39 repositories with 51 tags, counted: everybody copies them into a registry of their own that mounts, and does it
 * again. `regsync` looks for signatures and referrers as we do; `crane` cannot.
 */
export const fleetRows: Bench = async (laboratory) => {
  const counts: { readonly name: string; readonly cold: Traffic; readonly warm: Traffic }[] = [];
  for (const contender of laboratory.contenders(["crane", "regsync"])) {
    await using emulator = await startEcrEmulator({ mode: "strict" });
    for (const { repository, tag, fixture } of images) {
      placeImage(emulator.repository(from, region, repository), fixture, { tags: [tag] });
    }
    const cold = await run(contender, emulator);
    counts.push({ name: contender.name, cold, warm: await run(contender, emulator) });
  }
  const [ours, ...others] = counts;
  const { manifests, blobs } = distinct(images);
  const content = [...blobs.values(), ...manifests.values()].reduce((sum, size) => sum + size, 0);
  const row = (name: string, when: "cold" | "warm", limit: string): Row => ({
    work: `39 repositories with 51 tags, ${name}: requests and bytes`,
    results: counts.map((count) => ({ name: count.name, value: describe(count[when]) })),
    reach: "no more requests than any",
    ...(ours &&
      others.length > 0 && {
        met: others.every((other) => ours[when].requests <= other[when].requests),
      }),
    limit,
  });
  const least = `${manifests.size} manifests and ${blobs.size} blobs, ${mebibytes(2 * content)} out and in`;
  return [
    row("cold", "cold", least),
    row("nothing to do", "warm", `${images.length} tags, at two registries`),
  ];
};

async function run(contender: Contender, emulator: EcrEmulator): Promise<Traffic> {
  const route = {
    from: await emulator.listen(from, region),
    to: await emulator.listen(to, region),
    names: images.map(({ repository, tag }) => `${repository}:${tag}`),
    attachments: true,
  };
  const command = await contender.command(route);
  emulator.clearRequests();
  await measured(command);
  const { requests } = emulator;
  const bytes = requests.reduce((sum, { bytesIn, bytesOut, kind, method }) => {
    const content = kind === "storage" || kind.startsWith("manifest-") || kind.startsWith("blob-");
    return sum + bytesIn + (content && method === "GET" ? bytesOut : 0);
  }, 0);
  return { requests: requests.length, bytes };
}

function describe({ requests, bytes }: Traffic): string {
  return `${requests.toLocaleString("en")}, ${mebibytes(bytes)}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(2)} MiB`;
}
