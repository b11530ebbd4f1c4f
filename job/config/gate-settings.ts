import { PromoterError } from "../error.ts";
import { gateSettings } from "./gate-setting-table.ts";
import { givenBy, type Setting, type SettingSources, settingOf } from "./setting.ts";
import type { SeverityLimit } from "./severity.ts";
import type { SignerIdentity } from "./signer-identity.ts";

/** Signatures that an image needs: of any of the keys, or of any of the identities. */
export interface SignatureSettings {
  /** Files of public keys, or their PEM. */
  readonly keys: readonly string[];
  readonly identities: readonly SignerIdentity[];
  /** The file of a trusted root, or its JSON; Sigstore's public instance without it. */
  readonly trustedRoot?: string;
}

/** What scans may have found in an image. */
export interface ScanSettings {
  /** The highest severity that may pass. */
  readonly highest: SeverityLimit;
  /** Findings that may be of any severity. */
  readonly ignore: readonly string[];
  /** Milliseconds to wait for a scan that still runs. */
  readonly waitMs: number;
}

/** What is attached to images after their promotion. */
export interface AttestationSettings {
  /** File of a private key, or `awskms:///ARN`; unsigned without it. */
  readonly key?: string;
  /** Who promotes, in words of the configuration. */
  readonly identity?: string;
}

/** What must hold before an image is promoted; a gate that is absent asks nothing. */
export interface GateSettings {
  readonly signature?: SignatureSettings;
  readonly scan?: ScanSettings;
}

/**
 * The gates of a command.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration` for the detail of a gate that is off: somebody believes it on.
 */
export function gatesOf(sources: SettingSources): GateSettings {
  const signature = signatureOf(sources);
  const scan = scanOf(sources);
  return { ...(signature && { signature }), ...(scan && { scan }) };
}

function signatureOf(given: SettingSources): SignatureSettings | undefined {
  const signers = [gateSettings.requireSignatureKey, gateSettings.requireSignatureIdentity];
  // A key that is demanded by a flag is not the better for identities of the file that suffice, too.
  const sources = signers.some((setting) => givenBy(setting, given)) ? withoutSigners(given) : given;
  const keys = settingOf(gateSettings.requireSignatureKey, sources);
  const identities = settingOf(gateSettings.requireSignatureIdentity, sources);
  const trustedRoot = settingOf(gateSettings.sigstoreTrustedRoot, sources);
  if (identities.length === 0)
    refuseDetail([gateSettings.sigstoreTrustedRoot], gateSettings.requireSignatureIdentity, sources);
  if (keys.length + identities.length === 0) return undefined;
  return { keys, identities, ...(trustedRoot !== undefined && { trustedRoot }) };
}

function withoutSigners({ configuration, ...sources }: SettingSources): SettingSources {
  const signature = configuration?.gates?.signature;
  if (configuration === undefined || !signature) return { ...sources, configuration };
  const { keys: _, identities: __, ...rest } = signature;
  return {
    ...sources,
    configuration: { ...configuration, gates: { ...configuration.gates, signature: rest } },
  };
}

function scanOf(sources: SettingSources): ScanSettings | undefined {
  const { maxSeverity, ignoreFinding, scanWait } = gateSettings;
  const highest = settingOf(maxSeverity, sources);
  if (highest === undefined) {
    refuseDetail([ignoreFinding, scanWait], maxSeverity, sources);
    return undefined;
  }
  return { highest, ignore: settingOf(ignoreFinding, sources), waitMs: settingOf(scanWait, sources) };
}

/**
 * How promotions are attested; undefined when they are not.
 *
 * @throws {PromoterError} `Usage` or `InvalidConfiguration` for a key where nothing is to be signed.
 */
export function attestationOf(sources: SettingSources): AttestationSettings | undefined {
  const { attest, attestKey } = gateSettings;
  if (!settingOf(attest, sources)) {
    refuseDetail([attestKey], attest, sources);
    return undefined;
  }
  const key = settingOf(attestKey, sources);
  const identity = sources.configuration?.attestation?.identity;
  return { ...(key !== undefined && { key }), ...(identity !== undefined && { identity }) };
}

/** A file may hold details for environments that turn a gate on; who gives them by a flag or a variable means now. */
function refuseDetail(
  details: readonly Setting<unknown>[],
  needed: Setting<unknown>,
  { flags, env }: SettingSources,
): void {
  for (const detail of details) {
    const given = givenBy(detail, { flags, env });
    if (given === undefined) continue;
    const [flag] = needed.flag.split(" ");
    throw new PromoterError(
      given === "flag" ? "Usage" : "InvalidConfiguration",
      `${given === "flag" ? detail.flag.split(" ")[0] : detail.variable} has nothing to act upon`,
      { hint: `Add ${flag}, or set ${needed.variable}` },
    );
  }
}
