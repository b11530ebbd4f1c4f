import type { Clock } from "../async/clock.ts";
import { mapConcurrent } from "../async/map-concurrent.ts";
import { backoffMs } from "../async/retry.ts";
import { hasCode, PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import type { Gate } from "../promotion/gate.ts";
import type { ImageScan, ScanFinding, ScannedManifest, ScanSource } from "./image-scan.ts";
import { judgeFindings, type ScanRules } from "./judge-findings.ts";
import { scannedManifests } from "./scanned-manifests.ts";

export interface ScanGateOptions extends ScanRules {
  readonly source: ScanSource;
  readonly clock: Clock;
  /** Milliseconds to wait for a scan that still runs. */
  readonly waitMs: number;
}

/** Between two questions about a scan that runs. Scans take from seconds to a few minutes. */
const poll = { baseMs: 2_000, maxMs: 20_000, attempts: Number.POSITIVE_INFINITY };

/** Of one image: an index has a manifest for each platform. */
const manifestsAtOnce = 8;

/** A scan by push shows only some seconds after it; one that never comes is not worth waiting the whole time for. */
const appearsWithinMs = 30_000;

/**
 * Lets only images pass whose registry has scanned all their manifests and found nothing too severe. Its `check`
 *
 * @throws {PromoterError} `ScanUnavailable` when there is no scan to judge by: temporary when one still runs.
 */
export function scanGate(options: ScanGateOptions): Gate {
  return {
    async check(candidate, waiting) {
      const manifests = await scannedManifests(candidate, waiting);
      return judgeFindings(await findingsOfAll(manifests, options, waiting), options);
    },
  };
}

/** What cannot be had of one manifest ends the wait for the others. */
async function findingsOfAll(
  manifests: readonly ScannedManifest[],
  options: ScanGateOptions,
  { signal }: Waiting,
): Promise<readonly (readonly ScanFinding[])[]> {
  const startedAt = options.clock.now();
  const failed = new AbortController();
  const waiting = { signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal };
  try {
    return await mapConcurrent(manifests, manifestsAtOnce, (manifest) =>
      findingsOf(manifest, startedAt, options, waiting),
    );
  } catch (thrown) {
    failed.abort();
    throw thrown;
  }
}

async function findingsOf(
  manifest: ScannedManifest,
  startedAt: number,
  options: ScanGateOptions,
  waiting: Waiting,
): Promise<readonly ScanFinding[]> {
  const { clock, waitMs } = options;
  for (let attempt = 1; ; attempt += 1) {
    const scan = await ask(manifest, options, waiting);
    if (scan.state === "done") return scan.findings;
    if (scan.state === "impossible") throw impossible(manifest, scan);
    const patience = scan.state === "absent" ? Math.min(waitMs, appearsWithinMs) : waitMs;
    const left = startedAt + patience - clock.now();
    if (left <= 0) throw scan.state === "absent" ? absent(manifest, scan) : running(manifest, waitMs);
    await clock.sleep(Math.min(left, backoffMs(attempt, { ...poll, clock })), waiting.signal);
  }
}

async function ask(
  manifest: ScannedManifest,
  { source }: ScanGateOptions,
  waiting: Waiting,
): Promise<ImageScan> {
  let scan: ImageScan | undefined;
  try {
    scan = await source.scanOf(manifest, waiting);
  } catch (thrown) {
    // Many images at once may ask more often than the service lets them.
    if (hasCode(thrown, "TooManyRequests")) return { state: "running" };
    throw thrown;
  }
  if (scan !== undefined) return scan;
  throw new PromoterError("ScanUnavailable", `Nobody can say what scans found at ${manifest.host}`, {
    hint: "Findings are read from private registries of Amazon ECR; promote from one, or turn the scan gate off",
  });
}

function impossible(manifest: ScannedManifest, scan: ImageScan & { state: "impossible" }): PromoterError {
  const { reason, hint } = scan;
  return new PromoterError("ScanUnavailable", `There is no scan of ${nameOf(manifest)}: ${reason}`, { hint });
}

function absent(manifest: ScannedManifest, { hint }: ImageScan & { state: "absent" }): PromoterError {
  return new PromoterError("ScanUnavailable", `Nobody has scanned ${nameOf(manifest)}`, { hint });
}

function running(manifest: ScannedManifest, waitMs: number): PromoterError {
  const message = `The scan of ${nameOf(manifest)} was not done after ${waitMs / 1000} s`;
  return new PromoterError("ScanUnavailable", message, {
    temporary: true,
    hint: "Run it again later, or wait longer with --scan-wait",
  });
}

function nameOf({ host, repository, digest }: ScannedManifest): string {
  return `${host}/${repository}@${digest}`;
}
