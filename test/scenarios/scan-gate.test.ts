import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Digest } from "../../job/oci/digest.ts";
import type { Repository } from "../emulator/repository.ts";
import { type ImageFixture, image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import {
  crossAccountPull,
  devAccount,
  devHost,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;
const scanAction = "ecr:DescribeImageScanFindings";

/** Development with an image and a policy that lets findings be read, production with an empty repository. */
async function world(
  fixture: ImageFixture = image(),
): Promise<TwoAccounts & { readonly source: Repository }> {
  const accounts = await twoAccounts();
  const source = accounts.dev("team/app");
  placeImage(source, fixture, { tags: ["1"] });
  accounts.prod("team/app");
  accounts.allow(scanAction);
  source.policyText = crossAccountPull(scanAction);
  return { ...accounts, source };
}

function found(
  repository: Repository,
  digest: Digest | undefined,
  ...findings: readonly (readonly [string, string])[]
): void {
  const stored = digest && repository.manifests.get(digest);
  if (stored === undefined) throw new Error(`${digest} is not there`);
  stored.scanFindings = {
    imageScanStatus: { status: "COMPLETE" },
    imageScanFindings: {
      findings: findings.map(([name, severity]) => ({ name, severity, attributes: [] })),
    },
  };
}

describe("the gate of scan findings", () => {
  it("lets pass what is clean enough, and says in the report what was found", async () => {
    await using accounts = await world();
    found(accounts.source, rootDigest(image()), ["CVE-1", "MEDIUM"], ["CVE-2", "LOW"]);
    const { code, report } = await accounts.promote([app, "--max-severity", "MEDIUM"]);
    expect(code).toBe(0);
    expect(report.images).toMatchObject([
      {
        status: "copied",
        gates: [
          { gate: "scan", passed: true, detail: "1 MEDIUM, 1 LOW findings in 1 manifest", findings: [] },
        ],
      },
    ]);
  });

  it("refuses what is too severe on any platform: nothing is written, the exit code says that retrying is vain", async () => {
    const fixture = multiPlatform();
    await using accounts = await world(fixture);
    const [amd, arm] = fixture.manifests;
    found(accounts.source, amd?.descriptor.digest, ["CVE-1", "LOW"]);
    found(accounts.source, arm?.descriptor.digest, ["CVE-2", "CRITICAL"]);
    const messages = "/dev/termination";
    const { code, report, written } = await accounts.promote([app], {
      env: { PROMOTER_MAX_SEVERITY: "HIGH", TERMINATION_MESSAGE_PATH: messages },
    });
    expect(code).toBe(4);
    expect(report.images).toMatchObject([
      {
        status: "failed",
        error: { code: "VulnerabilitiesFound", temporary: false },
        gates: [
          {
            passed: false,
            detail: "1 CRITICAL, 1 LOW findings in 2 manifests",
            findings: [{ id: "CVE-2", severity: "CRITICAL", ignored: false }],
          },
        ],
      },
    ]);
    expect(accounts.prod("team/app").manifests.size).toBe(0);
    expect(accounts.prod("team/app").blobs.size).toBe(0);
    expect(written.get(messages)).toContain(
      "VulnerabilitiesFound: At the source: Scans found CVE-2 (CRITICAL)",
    );
  });

  it("ignores what it is told to ignore, by a list or by an environment of the configuration", async () => {
    await using accounts = await world();
    found(accounts.source, rootDigest(image()), ["CVE-1", "CRITICAL"], ["CVE-2", "HIGH"]);
    const flags = ["--max-severity", "LOW", "--ignore-finding", "CVE-1"];
    expect((await accounts.promote([app, ...flags])).code).toBe(4);
    const files = {
      "promoter.yaml": `apiVersion: image-promoter/v1
kind: Promoter
gates: {scan: {highest: LOW}}
environments:
  dev: {account: "${devAccount}", region: ${region}}
  production:
    registry: ${prodHost}
    promotesFrom: [dev]
    gates: {scan: {highest: LOW, ignore: [CVE-1, CVE-2]}}
`,
    };
    const env = { PROMOTER_FROM: "", PROMOTER_TO: "" };
    const { code, report } = await accounts.promote([app, "--config", "promoter.yaml"], { files, env });
    expect(report.images[0]?.gates?.[0]?.findings).toMatchObject([{ ignored: true }, { ignored: true }]);
    expect(code).toBe(0);
  });

  it("waits for a scan that runs", async () => {
    await using accounts = await world();
    const stored = accounts.source.manifests.get(rootDigest(image()));
    if (stored === undefined) throw new Error("not placed");
    stored.scanFindings = { imageScanStatus: { status: "IN_PROGRESS" } };
    const ended = setTimeout(() => found(accounts.source, rootDigest(image())), 500);
    const { code } = await accounts.promote([app, "--max-severity", "NONE", "--scan-wait", "30s"]);
    clearTimeout(ended);
    expect(code).toBe(0);
  });

  it("fails for now when the scan is not done in time", async () => {
    await using accounts = await world();
    const stored = accounts.source.manifests.get(rootDigest(image()));
    if (stored === undefined) throw new Error("not placed");
    stored.scanFindings = { imageScanStatus: { status: "PENDING" } };
    const { code, report } = await accounts.promote([app, "--max-severity", "HIGH", "--scan-wait", "50ms"]);
    expect(report.images).toMatchObject([{ error: { code: "ScanUnavailable", temporary: true } }]);
    expect(code).toBe(1);
  });

  it("fails for good when nobody may look, and names the action", async () => {
    await using accounts = await world();
    accounts.source.policyText = crossAccountPull();
    const { code, report } = await accounts.promote([app, "--max-severity", "HIGH"]);
    expect(code).toBe(4);
    expect(report.images).toMatchObject([
      { error: { code: "Denied", hint: expect.stringContaining(scanAction) } },
    ]);
  });

  it("is part of a plan, and asks nothing about what is there already", async () => {
    await using accounts = await world();
    found(accounts.source, rootDigest(image()), ["CVE-1", "HIGH"]);
    const plan = await accounts.run(["plan", app, "--max-severity", "LOW"]);
    expect(plan.code).toBe(4);
    expect(plan.stdout).toContain("VulnerabilitiesFound: At the source: Scans found CVE-1 (HIGH)");
    expect(plan.stdout).toContain("scan: 1 HIGH finding in 1 manifest");
    placeImage(accounts.prod("team/app"), image(), { tags: ["1"] });
    const { report } = await accounts.promote([app, "--max-severity", "LOW"]);
    expect(report.images).toMatchObject([{ status: "up-to-date" }]);
    expect(report.images[0]).not.toHaveProperty("gates");
  });

  it("is off by default: no scan is asked for", async () => {
    await using accounts = await world();
    const { report } = await accounts.promote([app]);
    expect(report.images[0]).not.toHaveProperty("gates");
    expect(accounts.emulator.requests.some(({ action }) => action === "DescribeImageScanFindings")).toBe(
      false,
    );
  });
});

it("a Job is rendered with the gates of the settings, the key itself in its configuration", async () => {
  await using accounts = await twoAccounts();
  const key = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
  const flags = ["--require-signature-key", "cosign.pub", "--max-severity", "MEDIUM", "--attest"];
  const { code, stdout } = await accounts.run(["render", "manifests", app, ...flags], {
    files: { "cosign.pub": key },
  });
  expect(code).toBe(0);
  const configMap = stdout
    .split("\n---\n")
    .map((text) => parse(text))
    .find(({ kind }) => kind === "ConfigMap");
  expect(parse(configMap.data["promoter.yaml"])).toMatchObject({
    gates: { signature: { keys: [key] }, scan: { highest: "MEDIUM", wait: "5m" } },
    attestation: { enabled: true },
  });
});

it("a private key is not put into a Job: its place is a Secret", async () => {
  await using accounts = await twoAccounts();
  const flags = ["--attest", "--attest-key", "cosign.key"];
  const refused = await accounts.run(["render", "manifests", app, ...flags]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("kubectl create secret generic");
  const { code, stdout } = await accounts.run([
    "render",
    "manifests",
    app,
    ...flags,
    "--set",
    "attestation.secret=signing",
  ]);
  expect(code).toBe(0);
  expect(stdout).toContain("/etc/image-promoter-attestation/cosign.key");
  expect(stdout).toContain('secretName: "signing"');
});

it("the policies of a promotion allow what the gate asks, where it is on", async () => {
  await using accounts = await twoAccounts();
  const render = async (...flags: readonly string[]) => {
    const args = ["render", "policies", "--namespace", "shop", "--output-dir", "policies", ...flags];
    const { written } = await accounts.run(args, { env: { PROMOTER_FROM: devHost } });
    return [...written.values()].filter((text) => text.includes(scanAction)).length;
  };
  expect(await render()).toBe(0);
  // Of the source's repositories, of its registry, and of the Job's role.
  expect(await render("--max-severity", "HIGH")).toBe(3);
});
