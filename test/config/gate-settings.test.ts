import { describe, expect, it } from "vitest";
import { attestationOf, gatesOf } from "../../job/config/gate-settings.ts";
import { loadConfiguration } from "../../job/config/load.ts";
import { resolveSettings } from "../../job/config/settings.ts";
import { thrownBy } from "../images/thrown-by.ts";

const head = "apiVersion: image-promoter/v1\nkind: Promoter\n";
const load = (yaml: string, path = "conf/promoter.yaml") => loadConfiguration(`${head}${yaml}`, path);
const pem = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----";
const issuer = "https://token.actions.githubusercontent.com";

const file = load(`gates:
  signature:
    keys: [cosign.pub, /etc/keys/b.pub]
    identities: [{issuer: ${issuer}, subject: "https://github.com/acme/app"}]
    trustedRoot: root.json
  scan: {highest: MEDIUM, ignore: [CVE-1], wait: 10m}
attestation: {enabled: true, key: cosign.key, identity: the platform team}
`);

describe("gates", () => {
  it("are off by default", () => {
    expect(gatesOf({ flags: {}, env: {} })).toEqual({});
    expect(gatesOf({ flags: {}, env: { PROMOTER_MAX_SEVERITY: " ", PROMOTER_SCAN_WAIT: "" } })).toEqual({});
    expect(attestationOf({ flags: {}, env: {} })).toBeUndefined();
  });

  it("are on by the file, whose files are beside it", () => {
    expect(gatesOf({ flags: {}, env: {}, configuration: file })).toEqual({
      signature: {
        keys: ["conf/cosign.pub", "/etc/keys/b.pub"],
        identities: [{ issuer, subject: "https://github.com/acme/app" }],
        trustedRoot: "conf/root.json",
      },
      scan: { highest: "MEDIUM", ignore: ["CVE-1"], waitMs: 600_000 },
    });
    expect(attestationOf({ flags: {}, env: {}, configuration: file })).toEqual({
      key: "conf/cosign.key",
      identity: "the platform team",
    });
  });

  it("are on by flags", () => {
    const flags = {
      requireSignatureKey: ["a.pub", "b.pub"],
      requireSignatureIdentity: [`${issuer}=https://github.com/acme/*`],
      maxSeverity: "NONE",
      ignoreFinding: ["CVE-1", "CVE-2"],
      scanWait: "90s",
      attest: true,
      attestKey: "awskms:///alias/a",
    };
    expect(gatesOf({ flags, env: {} })).toEqual({
      signature: {
        keys: ["a.pub", "b.pub"],
        identities: [{ issuer, subjectPattern: "https://github.com/acme/*" }],
      },
      scan: { highest: "NONE", ignore: ["CVE-1", "CVE-2"], waitMs: 90_000 },
    });
    expect(attestationOf({ flags, env: {} })).toEqual({ key: "awskms:///alias/a" });
  });

  it("are on by variables, of which one may hold keys as PEM", () => {
    const env = {
      PROMOTER_REQUIRE_SIGNATURE_KEY: `a.pub, ${pem}\n${pem}\nb.pub`,
      PROMOTER_MAX_SEVERITY: "HIGH",
      PROMOTER_IGNORE_FINDING: "CVE-1, CVE-2",
    };
    expect(gatesOf({ flags: {}, env })).toEqual({
      signature: { keys: ["a.pub", pem, pem, "b.pub"], identities: [] },
      scan: { highest: "HIGH", ignore: ["CVE-1", "CVE-2"], waitMs: 300_000 },
    });
  });

  it("take nobody else's signature when a flag names whose it must be", () => {
    const byKey = gatesOf({
      flags: { requireSignatureKey: ["a.pub"] },
      env: {},
      configuration: load(
        "gates: {signature: {keys: [b.pub], identities: [{issuer: 'https://i', subject: s}]}}\n",
      ),
    });
    expect(byKey.signature).toEqual({ keys: ["a.pub"], identities: [] });
    const flags = { requireSignatureIdentity: ["https://i=me"] };
    expect(gatesOf({ flags, env: {}, configuration: file }).signature).toEqual({
      keys: [],
      identities: [{ issuer: "https://i", subject: "me" }],
      trustedRoot: "conf/root.json",
    });
  });

  it.each([
    [{ ignoreFinding: ["CVE-1"] }, {}, "Usage", "--ignore-finding"],
    [{ scanWait: "5m" }, {}, "Usage", "--scan-wait"],
    [{ sigstoreTrustedRoot: "r.json" }, {}, "Usage", "--sigstore-trusted-root"],
    [{ sigstoreTrustedRoot: "r.json", requireSignatureKey: ["a"] }, {}, "Usage", "--sigstore-trusted-root"],
    [{}, { PROMOTER_IGNORE_FINDING: "CVE-1" }, "InvalidConfiguration", "PROMOTER_IGNORE_FINDING"],
  ])("refuse a detail that has nothing to act upon: %j %j", (flags, env, code, name) => {
    const error = thrownBy(() => gatesOf({ flags, env }));
    expect(error).toMatchObject({ code, message: `${name} has nothing to act upon` });
    expect(error.hint).toMatch(/^Add --(?:max-severity|require-signature-identity), or set PROMOTER_/);
  });

  it("refuse a key where nothing is attested", () => {
    const error = thrownBy(() => attestationOf({ flags: { attestKey: "cosign.key" }, env: {} }));
    expect(error).toMatchObject({ code: "Usage", hint: "Add --attest, or set PROMOTER_ATTEST" });
    // In a file the key may be for environments that turn it on.
    expect(
      attestationOf({ flags: {}, env: {}, configuration: load("attestation: {key: a.key}\n") }),
    ).toBeUndefined();
  });

  it.each([
    ["no identity", { requireSignatureIdentity: ["me@example.com"] }],
    ["an issuer over http", { requireSignatureIdentity: ["http://i=me"] }],
    ["everybody", { requireSignatureIdentity: ["https://i=*"] }],
    ["a word that is no severity", { maxSeverity: "medium" }],
    [
      "a private key",
      { requireSignatureKey: ["-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----"] },
    ],
  ])("refuse %s, without repeating a secret", (_name, flags) => {
    const error = thrownBy(() => gatesOf({ flags, env: {} }));
    expect(error.code).toBe("Usage");
    expect(`${error.message}${error.hint}`).not.toContain("secret");
  });
});

describe("gates of an environment", () => {
  const configuration = load(`gates:
  signature: {keys: [all.pub]}
  scan: {highest: HIGH, ignore: [CVE-1]}
attestation: {key: all.key}
environments:
  dev: {account: "111111111111", region: eu-west-1}
  staging:
    {account: "333333333333", region: eu-west-1, promotesFrom: [dev], gates: {scan: false}}
  production:
    account: "222222222222"
    region: eu-west-1
    promotesFrom: [staging]
    gates: {scan: {highest: LOW}, signature: {keys: [production.pub]}}
    attestation: {enabled: true}
`);
  const settingsOf = (environment: string) =>
    resolveSettings({ flags: { environment }, env: {}, configuration });

  it("stand in place of those of all, each as a whole", () => {
    expect(settingsOf("production")).toMatchObject({
      gates: {
        signature: { keys: ["conf/production.pub"] },
        scan: { highest: "LOW", ignore: [] },
      },
      attestation: { key: "conf/all.key" },
    });
  });

  it("can be off where those of all are on", () => {
    const { gates, attestation } = settingsOf("staging");
    expect(gates).toEqual({ signature: { keys: ["conf/all.pub"], identities: [] } });
    expect(attestation).toBeUndefined();
  });
});

describe("the file refuses", () => {
  it.each([
    ["signatures of nobody", "name keys or identities", "gates: {signature: {}}"],
    ["a trusted root for keys", "there are none", "gates: {signature: {keys: [a], trustedRoot: r}}"],
    [
      "an identity without a subject",
      "either subject or subjectPattern",
      "gates: {signature: {identities: [{issuer: 'https://i'}]}}",
    ],
    [
      "an identity with two",
      "either subject or subjectPattern",
      "gates: {signature: {identities: [{issuer: 'https://i', subject: a, subjectPattern: b}]}}",
    ],
    [
      "an identity of everybody",
      "let everybody sign",
      "gates: {signature: {identities: [{issuer: 'https://i', subjectPattern: '**'}]}}",
    ],
    ["a scan without a limit", 'The field "highest" is missing', "gates: {scan: {ignore: [CVE-1]}}"],
    ["a severity that is none", "Expected NONE or INFORMATIONAL", "gates: {scan: {highest: SEVERE}}"],
    ["a wait that is none", "it is no duration", "gates: {scan: {highest: LOW, wait: soon}}"],
    ["a gate that nobody knows", 'Unknown field "sbom"', "gates: {sbom: true}"],
    [
      "a private key of statements",
      "A private key does not belong",
      "attestation: {enabled: true, key: '-----BEGIN PRIVATE KEY-----hush'}",
    ],
    [
      "a private key of signatures",
      "There is a private key where a public one belongs",
      "gates: {signature: {keys: ['-----BEGIN EC PRIVATE KEY-----hush']}}",
    ],
  ])("%s", (_name, message, yaml) => {
    const error = thrownBy(() => load(`${yaml}\n`));
    expect(error.code).toBe("InvalidConfiguration");
    expect(error.message).toContain(message);
    expect(`${error.message}${error.hint}`).not.toContain("hush");
  });
});
