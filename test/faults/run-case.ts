import type { EcrEmulator } from "../emulator/emulator.ts";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import type { FaultCase } from "./fault-case.ts";
import { app, layer, olderApp, olderTool, sbom, tool } from "./release.ts";
import { leakedSecrets } from "./secrets.ts";
import { missingBytes, missingOf, type Stock, stockOf, tornTags } from "./stock.ts";
import { type FaultWorld, faultWorld, type PromotionRun } from "./world.ts";

/** What came of a combination. */
export interface Outcome {
  /** In the words of the table: `recovered`, or the code by which the images failed. */
  readonly result: string;
  readonly exit: number;
  /** How many requests the faults met. */
  readonly met: number;
  readonly requests: number;
  readonly tookMs: number;
  /** Seconds that the run would have taken on a clock that does not jump. */
  readonly believedMs: number;
  readonly torn: number;
  /** Every promise that was not kept; empty when all is well. */
  readonly broken: readonly string[];
}

/** Most requests for one thing: six attempts, and once more what was mended. */
const mostForOneThing = 24;
const mostMs = 25_000;
const mostBelievedMs = 15 * 60_000;

/** Promotes the release under the faults of the case, and then, without them, once more; asks everything in between. */
export async function runCase(row: FaultCase): Promise<Outcome> {
  await using world = await faultWorld(row.world);
  row.prepare?.(world);
  const { emulator } = world.accounts;
  const missing = missingEverywhere(world);
  const injected = row.faults.map(({ at, effect }) => emulator.faults.add(at, effect));
  const run = await world.promote();
  const met = injected.reduce((sum, fault) => sum + fault.met, 0);
  const requests = emulator.requests;
  const torn = tornEverywhere(world);
  const broken = [
    ...(met === 0 && row.faults.length > 0 ? ["the fault met no request"] : []),
    ...endingBroken(row, world, run),
    ...torn,
    ...olderBroken(world),
    ...boundsBroken(requests, run),
    ...bytesBroken(requests, missing, met),
    ...openUploadsBroken(world, row),
    ...leakedSecrets(world.accounts, run),
    ...(row.check?.(world) ?? []),
    ...(await rerunBroken(row, world)),
  ];
  const codes = new Set(run.report?.images.flatMap(({ error }) => error?.code ?? []));
  return {
    result: run.code === 0 ? "recovered" : [...codes].join(", "),
    exit: run.code,
    met,
    requests: requests.length,
    tookMs: run.tookMs,
    believedMs: run.believedMs,
    torn: torn.length,
    broken,
  };
}

export function tornEverywhere({ prod }: FaultWorld): string[] {
  return [...tornTags(prod.app), ...tornTags(prod.tool)];
}

function missingEverywhere({ prod }: FaultWorld): number {
  return missingBytes(stockOf(prod.app), [app, sbom]) + missingBytes(stockOf(prod.tool), [tool]);
}

/** The right images have failed with the right code, and all others are there, whole. */
function endingBroken({ ending, withoutSbom }: FaultCase, world: FaultWorld, run: PromotionRun): string[] {
  if (run.report === undefined) return [`no report, exit code ${run.code}: ${run.stderr}`];
  const { exit, fails, images } = ending === "recovers" ? { exit: 0, fails: [], images: undefined } : ending;
  const broken = run.code === exit ? [] : [`exit code ${run.code} instead of ${exit}`];
  for (const [position, name] of (["app", "tool"] as const).entries()) {
    const image = run.report.images[position];
    const code = image?.error?.code;
    if (name === "tool" && images === "app at least") continue;
    if (images === "both" || (images !== undefined && name === "app")) {
      if (code !== undefined && fails.includes(code)) continue;
      broken.push(`${name} ended as ${code ?? image?.status} instead of ${fails.join(" or ")}`);
    } else {
      if (code !== undefined) broken.push(`${name} failed: ${code} ${image?.error?.message}`);
      broken.push(...wholeBroken(world, name, { ...(withoutSbom && { withoutSbom }) }));
    }
  }
  return broken;
}

/** Tag and content of an image that was promoted are those of the source, byte for byte. */
export function wholeBroken(
  { prod }: FaultWorld,
  name: "app" | "tool",
  { withoutSbom = false }: Pick<FaultCase, "withoutSbom"> = {},
): string[] {
  const fixtures = name === "tool" ? [tool] : withoutSbom ? [app] : [app, sbom];
  const wanted = rootDigest(name === "app" ? app : tool);
  const tagged = prod[name].imageTags.get("1");
  return [
    ...fixtures.flatMap((fixture) => missingOf(prod[name], fixture)),
    ...(tagged === wanted ? [] : [`${name}:1 stands for ${tagged ?? "nothing"}`]),
  ];
}

/** What was there before is there, and stands for what it stood for. */
export function olderBroken({ prod }: FaultWorld): string[] {
  const allowed = [rootDigest(olderTool), rootDigest(tool), undefined];
  return [
    ...missingOf(prod.app, olderApp),
    ...missingOf(prod.tool, olderTool),
    ...(prod.app.imageTags.get("0") === rootDigest(olderApp) ? [] : ["team/app:0 has changed"]),
    ...(prod.tool.imageTags.get("0") === rootDigest(olderTool) ? [] : ["team/tool:0 has changed"]),
    ...(allowed.includes(prod.tool.imageTags.get("1")) ? [] : ["team/tool:1 stands for neither image"]),
  ];
}

/** Nothing was asked without end, and nobody waited without end. */
export function boundsBroken(requests: readonly LoggedRequest[], run: PromotionRun): string[] {
  const things = Map.groupBy(requests, ({ method, path }) => `${method} ${path.split("?")[0]}`);
  const often = [...things].filter(
    ([thing, { length }]) => length > mostForOneThing && !thing.endsWith("/blobs/uploads/"),
  );
  return [
    ...often.map(([thing, { length }]) => `${thing} was asked ${length} times`),
    ...(run.tookMs > mostMs ? [`the run took ${Math.round(run.tookMs)} ms`] : []),
    ...(run.believedMs > mostBelievedMs ? [`it would have taken ${Math.round(run.believedMs)} ms`] : []),
  ];
}

/** Nothing was sent but what was missing, and again what a fault has struck. */
function bytesBroken(requests: readonly LoggedRequest[], missing: number, met: number): string[] {
  const sent = uploadedBytes(requests);
  const most = Math.max(2 * missing, missing + met * layer.size);
  return sent <= most ? [] : [`${sent} bytes were sent where ${missing} were missing`];
}

export function uploadedBytes(requests: readonly LoggedRequest[]): number {
  return requests
    .filter(({ kind }) => kind === "upload-start" || kind === "upload-part" || kind === "upload-finish")
    .reduce((sum, { bytesIn }) => sum + bytesIn, 0);
}

function openUploadsBroken({ prod }: FaultWorld, { openUploads = 0 }: FaultCase): string[] {
  const open = prod.app.uploads.size + prod.tool.uploads.size;
  return open <= openUploads ? [] : [`${open} uploads were left open, at most ${openUploads} may be`];
}

/** Without faults the promotion succeeds, and sends what is missing and nothing else. */
export async function rerunBroken(
  row: Pick<FaultCase, "rerun" | "withoutSbom">,
  world: FaultWorld,
): Promise<string[]> {
  const { emulator } = world.accounts;
  await emulator.clearFaults();
  emulator.clearRequests();
  const missing = missingEverywhere(world);
  const before = { app: stockOf(world.prod.app), tool: stockOf(world.prod.tool) };
  const run = await world.promote("patiently");
  const broken = [...tornEverywhere(world), ...olderBroken(world), ...leakedSecrets(world.accounts, run)];
  if (row.rerun === "fails alike") {
    return run.code === 0 ? ["the next run succeeded", ...broken] : broken;
  }
  const sent = uploadedBytes(emulator.requests);
  return [
    ...(run.code === 0 ? [] : [`the next run ended with ${run.code}: ${run.stdout}`]),
    ...wholeBroken(world, "app", row),
    ...wholeBroken(world, "tool"),
    ...(sent === missing ? [] : [`the next run sent ${sent} bytes where ${missing} were missing`]),
    ...repeatedManifests(emulator, before),
    ...broken,
  ].map((what) => `then: ${what}`);
}

/** Manifests that were put although they stood there already under that name. */
function repeatedManifests(
  { requests }: EcrEmulator,
  before: Readonly<Record<"app" | "tool", Stock>>,
): string[] {
  return requests
    .filter(({ kind }) => kind === "manifest-put")
    .flatMap(({ path, repository }) => {
      const stock = repository === "team/app" ? before.app : before.tool;
      const target = path.split("/").at(-1) ?? "";
      const wanted = rootDigest(repository === "team/app" ? app : tool);
      const repeats =
        [...stock.manifests].some((digest) => digest === target) || stock.tags.get(target) === wanted;
      return repeats ? [`manifest ${repository} ${target} was put again`] : [];
    });
}
