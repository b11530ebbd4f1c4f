import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { ecrClients } from "../../job/ecr/client.ts";
import type { ScanDescription } from "../../job/ecr/scan-answer.ts";
import { ecrScans } from "../../job/ecr/scan-findings.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { ecrHost, fakeClients } from "./fake-clients.ts";

const account = "111122223333";
const region = "eu-west-1";
const host = registryHost(account, region);

let emulator: EcrEmulator;
beforeAll(async () => {
  emulator = await startEcrEmulator();
});
afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
});

function clients() {
  const { accessKeyId, secretAccessKey } = emulator.account(account).admin();
  return ecrClients({
    clock: systemClock,
    env: {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
  });
}

let seed = 0;

/** Places an image with what ECR has to say of its scan, and asks for it. */
function place(scan?: object): { readonly fixture: ImageFixture; readonly repository: string } {
  seed += 1;
  const repository = `scans/${seed}`;
  const at = emulator.repository(account, region, repository);
  const fixture = placeImage(at, image({ seed }));
  const stored = at.manifests.get(rootDigest(fixture));
  if (stored === undefined) throw new Error("not placed");
  if (scan !== undefined) stored.scanFindings = scan;
  return { fixture, repository };
}

function scanOf(scan?: object) {
  const { fixture, repository } = place(scan);
  return ecrScans(clients()).scanOf({ host, repository, digest: rootDigest(fixture) });
}

const basic = (name: string, severity: string, attributes: object[] = []) => ({ name, severity, attributes });

describe("findings of basic scanning", () => {
  it("are read with the package that they are in", async () => {
    const attributes = [
      { key: "package_name", value: "openssl" },
      { key: "package_version", value: "3.0.1" },
      { key: "CVSS2_SCORE", value: "9" },
    ];
    const findings = [basic("CVE-1", "HIGH", attributes), basic("CVE-2", "UNDEFINED")];
    expect(
      await scanOf({
        imageScanStatus: { status: "COMPLETE" },
        imageScanFindings: { findings, findingSeverityCounts: { HIGH: 1, UNDEFINED: 1 } },
      }),
    ).toEqual({
      state: "done",
      findings: [
        { id: "CVE-1", severity: "HIGH", packages: ["openssl 3.0.1"], fixedIn: [], suppressed: false },
        { id: "CVE-2", severity: "UNDEFINED", packages: [], fixedIn: [], suppressed: false },
      ],
    });
  });

  it("are read from all pages", async () => {
    const findings = Array.from({ length: 2_345 }, (_, n) =>
      basic(`CVE-${n}`, n === 2_344 ? "CRITICAL" : "LOW"),
    );
    const before = emulator.requests.length;
    const scan = await scanOf({ imageScanStatus: { status: "COMPLETE" }, imageScanFindings: { findings } });
    expect(scan).toMatchObject({ state: "done" });
    expect(scan?.state === "done" && scan.findings).toHaveLength(2_345);
    expect(scan?.state === "done" && scan.findings.at(-1)).toMatchObject({ severity: "CRITICAL" });
    const asked = emulator.requests
      .slice(before)
      .filter(({ action }) => action === "DescribeImageScanFindings");
    expect(asked).toHaveLength(3);
  });
});

it.each(["COMPLETE", "ACTIVE"])(
  "a scan that is %s and names no findings at all has proven nothing",
  async (status) => {
    expect(await scanOf({ imageScanStatus: { status } })).not.toMatchObject({ state: "done" });
  },
);

it("findings of enhanced scanning are read with packages, mending versions and suppressions; closed ones are past", async () => {
  const enhanced = (vulnerabilityId: string, severity: string, status: string, fields: object = {}) => ({
    severity,
    status,
    title: `${vulnerabilityId} - openssl`,
    packageVulnerabilityDetails: {
      vulnerabilityId,
      vulnerablePackages: [
        { name: "openssl", version: "3.0.1", fixedInVersion: "3.0.2" },
        { name: "libssl", version: "3.0.1", fixedInVersion: "NotAvailable" },
      ],
      ...fields,
    },
  });
  expect(
    await scanOf({
      imageScanStatus: { status: "ACTIVE", description: "Continuous scan is selected for image." },
      imageScanFindings: {
        enhancedFindings: [
          enhanced("CVE-1", "CRITICAL", "ACTIVE"),
          enhanced("CVE-2", "UNTRIAGED", "SUPPRESSED", { vulnerablePackages: [] }),
          enhanced("CVE-3", "HIGH", "CLOSED"),
          { severity: "APOCALYPTIC", title: "named by its title" },
        ],
      },
    }),
  ).toEqual({
    state: "done",
    findings: [
      {
        id: "CVE-1",
        severity: "CRITICAL",
        packages: ["openssl 3.0.1", "libssl 3.0.1"],
        fixedIn: ["3.0.2"],
        suppressed: false,
      },
      { id: "CVE-2", severity: "UNDEFINED", packages: [], fixedIn: [], suppressed: true },
      { id: "named by its title", severity: "CRITICAL", packages: [], fixedIn: [], suppressed: false },
    ],
  });
});

describe("the status of a scan", () => {
  it.each(["PENDING", "IN_PROGRESS"])("%s runs", async (status) => {
    expect(await scanOf({ imageScanStatus: { status } })).toEqual({ state: "running" });
  });

  it.each([
    ["FAILED", /its status is FAILED \(words of ECR's\)/, /aws ecr start-image-scan/],
    ["UNSUPPORTED_IMAGE", /cannot be scanned/, /enhanced scanning/],
    ["SCAN_ELIGIBILITY_EXPIRED", /too old/, /push the image again/],
    ["FINDINGS_UNAVAILABLE", /its status is FINDINGS_UNAVAILABLE/, /start-image-scan/],
    ["LIMIT_EXCEEDED", /too often/, /24 hours/],
    ["IMAGE_ARCHIVED", /archived/, /Restore/],
    ["A_NEW_WORD", /A_NEW_WORD/, /start-image-scan/],
  ])("%s is no scan to judge by", async (status, reason, hint) => {
    const scan = await scanOf({ imageScanStatus: { status, description: "words of ECR's" } });
    expect(scan).toMatchObject({ state: "impossible", reason: expect.stringMatching(reason) });
    expect(scan).toMatchObject({ hint: expect.stringMatching(hint) });
  });

  it("is none where nobody has scanned, and the hint is a command", async () => {
    expect(await scanOf()).toMatchObject({
      state: "absent",
      hint: expect.stringMatching(
        /aws ecr start-image-scan --region eu-west-1 --registry-id 111122223333 --repository-name scans\/\d+ --image-id imageDigest=sha256:/,
      ),
    });
  });
});

const asked = { host: ecrHost().host, repository: "app", digest: rootDigest(image()) };

describe("what only an account itself is told", () => {
  it("is named as the likely reason when another one asks", async () => {
    const other = fakeClients({
      describeScan: async () => undefined,
      callerAccount: async () => "999999999999",
    });
    expect(await ecrScans(other).scanOf(asked)).toMatchObject({
      state: "absent",
      hint: expect.stringContaining("told only to account 111122223333: name a role of it"),
    });
  });

  it("is not spoken of when nobody knows who asks", async () => {
    const unknown = fakeClients({ describeScan: async () => undefined });
    expect(await ecrScans(unknown).scanOf(asked)).toMatchObject({
      hint: expect.stringMatching(/^Let the registry scan on push/),
    });
  });
});

it("findings that are counted and not listed are no reason to let an image pass", async () => {
  const scan: ScanDescription = {
    status: "ACTIVE",
    description: "",
    findings: [],
    counts: { CRITICAL: 2, LOW: 0 },
  };
  const clients = fakeClients({ describeScan: async () => scan });
  await expect(ecrScans(clients).scanOf(asked)).rejects.toMatchObject({
    code: "ScanUnavailable",
    message: expect.stringContaining("counts findings of severity CRITICAL"),
    hint: expect.stringContaining("inspector2:ListFindings"),
  });
});

it.each(["registry.example.com", "public.ecr.aws"])("%s is not known to scan", async (other) => {
  const clients = fakeClients({});
  expect(await ecrScans(clients).scanOf({ ...asked, host: other })).toBeUndefined();
  expect(clients.calls).toEqual([]);
});
