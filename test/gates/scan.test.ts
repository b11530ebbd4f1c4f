import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import type { ImageScan, ScanFinding, ScannedManifest, Severity } from "../../job/gates/image-scan.ts";
import { judgeFindings } from "../../job/gates/judge-findings.ts";
import { type ScanGateOptions, scanGate } from "../../job/gates/scan.ts";
import { scannedManifests } from "../../job/gates/scanned-manifests.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import { readManifest } from "../../job/oci/manifest.ts";
import type { GateCandidate } from "../../job/promotion/gate.ts";
import { ManualClock, settle } from "../ecr/manual-clock.ts";
import { withAttestations } from "../fixtures/attachments.ts";
import { type ImageFixture, image, index, rootDigest } from "../fixtures/image-fixture.ts";
import { multiPlatform } from "../fixtures/platforms.ts";

const finding = (id: string, severity: Severity, fields: Partial<ScanFinding> = {}): ScanFinding => ({
  id,
  severity,
  packages: [],
  fixedIn: [],
  suppressed: false,
  ...fields,
});

const all: readonly ScanFinding[] = [
  finding("CVE-1", "LOW"),
  finding("CVE-2", "CRITICAL", { packages: ["openssl 3.0.1"], fixedIn: ["3.0.2"] }),
  finding("CVE-3", "MEDIUM"),
  finding("CVE-4", "HIGH"),
  finding("CVE-5", "INFORMATIONAL"),
  finding("CVE-6", "UNDEFINED"),
];

describe("judgeFindings", () => {
  it.each([
    ["CRITICAL", []],
    ["HIGH", ["CVE-2"]],
    ["MEDIUM", ["CVE-2", "CVE-4"]],
    ["LOW", ["CVE-2", "CVE-4", "CVE-3"]],
    ["INFORMATIONAL", ["CVE-2", "CVE-4", "CVE-3", "CVE-1"]],
    ["NONE", ["CVE-2", "CVE-4", "CVE-3", "CVE-1", "CVE-5", "CVE-6"]],
  ] as const)("refuses what is worse than %s, the worst first", (highest, refused) => {
    const verdict = judgeFindings([all], { highest, ignore: [] });
    expect(verdict.findings.map(({ id }) => id)).toEqual(refused);
    expect(verdict.refusal?.code).toBe(refused.length === 0 ? undefined : "VulnerabilitiesFound");
    expect(verdict.refusal?.temporary ?? false).toBe(false);
    expect(verdict.detail).toBe(
      "1 CRITICAL, 1 HIGH, 1 MEDIUM, 1 LOW, 1 INFORMATIONAL, 1 UNDEFINED findings in 1 manifest",
    );
  });

  it("lets pass what is ignored, in any case of letters, and says so", () => {
    const verdict = judgeFindings([all], { highest: "MEDIUM", ignore: ["cve-2", "CVE-4", "CVE-none"] });
    expect(verdict.refusal).toBeUndefined();
    expect(verdict.detail).toContain(", 2 of them ignored");
    expect(verdict.findings).toEqual([
      { id: "CVE-2", severity: "CRITICAL", ignored: true, subject: "openssl 3.0.1", fixedIn: "3.0.2" },
      { id: "CVE-4", severity: "HIGH", ignored: true },
    ]);
  });

  it("ignores by the whole name only", () => {
    expect(
      judgeFindings([all], { highest: "HIGH", ignore: ["CVE", "CVE-", "CVE-22", "*"] }).refusal,
    ).toBeDefined();
  });

  it("takes what is found on several platforms for one, as severe as it is anywhere", () => {
    const verdict = judgeFindings(
      [
        [finding("CVE-1", "LOW", { packages: ["a 1"], suppressed: true })],
        [finding("CVE-1", "HIGH", { packages: ["a 1", "b 2"] })],
      ],
      { highest: "MEDIUM", ignore: [] },
    );
    expect(verdict.findings).toEqual([
      { id: "CVE-1", severity: "HIGH", subject: "a 1, b 2", ignored: false },
    ]);
    expect(verdict.detail).toBe("1 HIGH finding in 2 manifests");
    expect(verdict.refusal).toBeDefined();
  });

  it("lets pass what the scanner's owner has suppressed everywhere", () => {
    const verdict = judgeFindings([[finding("CVE-1", "CRITICAL", { suppressed: true })]], {
      highest: "LOW",
      ignore: [],
    });
    expect(verdict.refusal).toBeUndefined();
    expect(verdict.findings).toMatchObject([{ id: "CVE-1", ignored: true }]);
  });

  it("names the five worst, counts the rest, and says what to do", () => {
    const many = Array.from({ length: 8 }, (_, n) => finding(`CVE-${n}`, n === 7 ? "CRITICAL" : "HIGH"));
    const { refusal, findings } = judgeFindings([many], { highest: "MEDIUM", ignore: [] });
    expect(refusal?.message).toBe(
      "Scans found CVE-7 (CRITICAL), CVE-0 (HIGH), CVE-1 (HIGH), CVE-2 (HIGH), CVE-3 (HIGH) and 3 more; MEDIUM is the highest that may pass",
    );
    expect(refusal?.hint).toContain("--ignore-finding CVE-7");
    expect(findings).toHaveLength(8);
  });
});

/** An image as the gate is shown it, with what a repository would answer about its manifests. */
function candidateOf(fixture: ImageFixture): GateCandidate {
  const manifests = new Map<string, Manifest>(
    fixture.manifests.map((each) => [each.descriptor.digest, each]),
  );
  const root = manifests.get(rootDigest(fixture));
  if (root === undefined) throw new Error("no root");
  const unasked = async () => {
    throw new Error("not to be asked");
  };
  return {
    destination: { host: "prod.example.com", repository: "app", tag: "1" },
    source: undefined,
    from: {
      host: "dev.example.com",
      repository: "app",
      resolve: unasked,
      fetchManifest: async (target) => manifests.get(target),
      fetchBlob: unasked,
      async *referrers() {},
    },
    root: { manifest: root, children: [], blobs: [], members: readManifest(root).manifests, present: true },
    attachments: [],
  };
}

describe("scannedManifests", () => {
  const digests = async (fixture: ImageFixture) =>
    (await scannedManifests(candidateOf(fixture))).map(({ digest }) => digest);

  it("is an image itself", async () => {
    expect(await digests(image())).toEqual([rootDigest(image())]);
  });

  it("is each platform of an index, in an index within, too, and no attestation of a build", async () => {
    const two = multiPlatform();
    const members = two.manifests.slice(0, 2).map(({ descriptor }) => descriptor.digest);
    expect(await digests(two)).toEqual(members);
    expect(await digests(index([two, image({ seed: 9 })]))).toEqual([
      ...members,
      rootDigest(image({ seed: 9 })),
    ]);
    expect(await digests(withAttestations([image()]))).toEqual([rootDigest(image())]);
  });

  it("is also what hides behind an unknown platform", async () => {
    const hidden = image({ platform: { os: "unknown", architecture: "unknown" } });
    expect(await digests(index([hidden]))).toEqual([rootDigest(hidden)]);
  });

  it("refuses an index in which there is nothing to scan", async () => {
    await expect(digests(index([]))).rejects.toMatchObject({ code: "ScanUnavailable", temporary: false });
  });
});

function world(
  answer: (manifest: ScannedManifest, asked: number) => ImageScan | undefined,
  options: Partial<ScanGateOptions> = {},
) {
  const clock = new ManualClock();
  let asked = 0;
  const gate = scanGate({
    clock,
    highest: "MEDIUM",
    ignore: [],
    waitMs: 300_000,
    source: {
      async scanOf(manifest, waiting) {
        waiting?.signal?.throwIfAborted();
        asked += 1;
        return answer(manifest, asked);
      },
    },
    ...options,
  });
  const outcome = (signal?: AbortSignal, fixture = image()) =>
    gate.check(candidateOf(fixture), signal ? { signal } : {}).then(
      (verdict) => ({ verdict }),
      (error: unknown) => ({ error }),
    );
  return { clock, outcome, asked: () => asked };
}

const done: ImageScan = { state: "done", findings: [] };

describe("the scan gate", () => {
  it("waits for a scan that runs, asking ever more seldom", async () => {
    const { clock, outcome, asked } = world((_, count) => (count < 5 ? { state: "running" } : done));
    const result = outcome();
    await clock.advance(60_000);
    expect(await result).toMatchObject({ verdict: { detail: "no findings in 1 manifest" } });
    expect(asked()).toBe(5);
    expect(clock.sleepers).toBe(0);
  });

  it("gives up after the time that it may wait, and says that later may do", async () => {
    const { clock, outcome, asked } = world(() => ({ state: "running" }), { waitMs: 60_000 });
    const result = outcome();
    await clock.advance(59_999);
    expect(clock.sleepers).toBe(1);
    await clock.advance(1);
    expect(await result).toMatchObject({
      error: { code: "ScanUnavailable", temporary: true, message: expect.stringContaining("after 60 s") },
    });
    expect(asked()).toBeLessThan(12);
  });

  it("waits only half a minute for a scan of which nothing is to be seen", async () => {
    const { clock, outcome } = world(() => ({ state: "absent", hint: "Scan it" }));
    const result = outcome();
    await clock.advance(30_000);
    expect(await result).toMatchObject({
      error: {
        code: "ScanUnavailable",
        temporary: false,
        hint: "Scan it",
        message: expect.stringMatching(/^Nobody has scanned/),
      },
    });
  });

  it("sees a scan that appears in that time", async () => {
    const { clock, outcome } = world((_, count) => (count === 1 ? { state: "absent", hint: "" } : done));
    const result = outcome();
    await clock.advance(30_000);
    expect(await result).toHaveProperty("verdict");
  });

  it("ends at once when it is stopped", async () => {
    const { clock, outcome } = world(() => ({ state: "running" }));
    const controller = new AbortController();
    const result = outcome(controller.signal);
    await settle();
    controller.abort(new Error("stopped"));
    expect(await result).toEqual({ error: new Error("stopped") });
    expect(clock.sleepers).toBe(0);
  });

  it("asks for each platform, and waits no longer for the others when one cannot be scanned", async () => {
    const [first] = multiPlatform().manifests;
    const { clock, outcome } = world(({ digest }) =>
      digest === first?.descriptor.digest
        ? { state: "impossible", reason: "its kind of image cannot be scanned", hint: "x" }
        : { state: "running" },
    );
    expect(await outcome(undefined, multiPlatform())).toMatchObject({
      error: {
        code: "ScanUnavailable",
        temporary: false,
        message: expect.stringMatching(/its kind of image cannot be scanned$/),
      },
    });
    await settle();
    expect(clock.sleepers).toBe(0);
  });

  it("says where findings come from when the registry has none", async () => {
    const { outcome } = world(() => undefined);
    expect(await outcome()).toMatchObject({
      error: { code: "ScanUnavailable", message: "Nobody can say what scans found at dev.example.com" },
    });
  });

  it("asks again when it has asked too often, and fails by what cannot be asked at all", async () => {
    const throttled = world((_, count) => {
      if (count < 3) throw new PromoterError("TooManyRequests", "Rate exceeded", { temporary: true });
      return done;
    });
    const result = throttled.outcome();
    await throttled.clock.advance(30_000);
    expect(await result).toHaveProperty("verdict");
    const denied = world(() => {
      throw new PromoterError("Denied", "Cannot call ecr:DescribeImageScanFindings");
    });
    expect(await denied.outcome()).toMatchObject({ error: { code: "Denied" } });
  });
});
