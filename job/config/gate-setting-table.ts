import { parseDuration } from "./duration.ts";
import { choice, defaulted, list, setting } from "./setting-forms.ts";
import { asText, parseBoolean } from "./setting-values.ts";
import { severities } from "./severity.ts";
import { parseSignerIdentity } from "./signer-identity.ts";
import { besideFile, parseKeys } from "./text-or-file.ts";

/** The settings of what must hold before an image is promoted, and of what is attested after it was. */
export const gateSettings = {
  requireSignatureKey: defaulted({
    flag: "--require-signature-key <file>",
    variable: "PROMOTER_REQUIRE_SIGNATURE_KEY",
    description: "promote only what is signed with this public key, or another that is named so",
    repeatable: true,
    path: "gates.signature.keys",
    fromFile: ({ source, gates }) =>
      gates?.signature ? gates.signature.keys?.map((key) => besideFile(source, key)) : undefined,
    parse: parseKeys,
    default: [],
  }),
  requireSignatureIdentity: list({
    flag: "--require-signature-identity <issuer=subject>",
    variable: "PROMOTER_REQUIRE_SIGNATURE_IDENTITY",
    description: "promote only what is signed without a key by this identity, in which * stands for anything",
    path: "gates.signature.identities",
    fromFile: ({ gates }) => (gates?.signature ? gates.signature.identities : undefined),
    parse: parseSignerIdentity,
  }),
  sigstoreTrustedRoot: setting({
    flag: "--sigstore-trusted-root <file>",
    variable: "PROMOTER_SIGSTORE_TRUSTED_ROOT",
    description: "whom to trust about identities instead of Sigstore's public instance: trusted_root.json",
    path: "gates.signature.trustedRoot",
    fromFile: ({ source, gates }) =>
      gates?.signature && gates.signature.trustedRoot !== undefined
        ? besideFile(source, gates.signature.trustedRoot)
        : undefined,
    parse: asText,
  }),
  maxSeverity: choice({
    flag: "--max-severity <level>",
    variable: "PROMOTER_MAX_SEVERITY",
    description: "promote only what ECR has scanned and found nothing worse in",
    path: "gates.scan.highest",
    fromFile: ({ gates }) => (gates?.scan ? gates.scan.highest : undefined),
    choices: severities,
  }),
  ignoreFinding: list({
    flag: "--ignore-finding <id>",
    variable: "PROMOTER_IGNORE_FINDING",
    description: "a finding of scans that may be of any severity: CVE-2026-1234",
    path: "gates.scan.ignore",
    fromFile: ({ gates }) => (gates?.scan ? gates.scan.ignore : undefined),
    parse: asText,
  }),
  scanWait: defaulted({
    flag: "--scan-wait <duration>",
    variable: "PROMOTER_SCAN_WAIT",
    description: "how long to wait for a scan that still runs; default 5m",
    path: "gates.scan.wait",
    fromFile: ({ gates }) =>
      gates?.scan && gates.scan.wait !== undefined ? parseDuration(gates.scan.wait) : undefined,
    parse: parseDuration,
    default: 300_000,
  }),
  attest: defaulted({
    flag: "--attest",
    variable: "PROMOTER_ATTEST",
    description: "attach a statement of its promotion to each image",
    path: "attestation.enabled",
    fromFile: ({ attestation }) => attestation?.enabled,
    parse: parseBoolean,
    default: false,
  }),
  attestKey: setting({
    flag: "--attest-key <key>",
    variable: "PROMOTER_ATTEST_KEY",
    description:
      "sign these statements: file of a private key, or awskms:///ARN; its password is COSIGN_PASSWORD",
    path: "attestation.key",
    fromFile: ({ source, attestation }) =>
      attestation?.key === undefined ? undefined : besideKey(source, attestation.key),
    parse: asText,
  }),
} as const;

function besideKey(source: string, key: string): string {
  return key.includes("://") ? key : besideFile(source, key);
}
