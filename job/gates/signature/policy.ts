import type { TrustMaterial } from "@sigstore/verify";
import { asPromoterError, PromoterError } from "../../error.ts";
import { checkIdentity, type SignatureIdentity } from "./identity.ts";
import { type PublicKeyText, readPublicKey, type SignatureKey } from "./public-key.ts";

export interface SignatureGateOptions {
  /** Any of them suffices. */
  readonly keys?: readonly PublicKeyText[];
  /** Signers without a key; any of them suffices. */
  readonly identities?: readonly SignatureIdentity[];
  /**
   * Loads the text of `trusted_root.json`: whose certificates and logs count. Asked once, or once per image as long as
   * it fails, and only when there are identities and a signature with a certificate.
   */
  readonly loadTrustedRoot?: () => Promise<string>;
}

/** Whose signature suffices. */
export interface SignaturePolicy {
  readonly keys: readonly SignatureKey[];
  readonly identities: readonly SignatureIdentity[];
  /** @throws {PromoterError} when the trusted root cannot be loaded, or `InvalidConfiguration` when it is none. */
  trust(): Promise<TrustMaterial>;
  /** Says that another image begins: what could not be had for the last one is asked for again. */
  beginImage(): void;
}

/** @throws {PromoterError} `InvalidConfiguration` when a key or an identity cannot be used, or when there are none. */
export function signaturePolicy(options: SignatureGateOptions): SignaturePolicy {
  const { keys = [], identities = [], loadTrustedRoot } = options;
  if (keys.length + identities.length === 0) {
    throw unusable("neither a key nor an identity is named", "Name a key with --require-signature-key");
  }
  for (const identity of identities) checkIdentity(identity);
  if (identities.length > 0 && loadTrustedRoot === undefined) {
    throw unusable("identities need a trusted root", "Name it with --sigstore-trusted-root");
  }
  let trust: Promise<TrustMaterial> | undefined;
  let failed = false;
  return {
    keys: keys.map(readPublicKey),
    identities,
    trust() {
      trust ??= loadTrust(loadTrustedRoot).catch((error: unknown) => {
        failed = true;
        throw error;
      });
      return trust;
    },
    beginImage() {
      if (!failed) return;
      trust = undefined;
      failed = false;
    },
  };
}

async function loadTrust(load: (() => Promise<string>) | undefined): Promise<TrustMaterial> {
  const text = (await load?.()) ?? "";
  const [{ TrustedRoot }, { toTrustMaterial }] = await Promise.all([
    import("@sigstore/protobuf-specs"),
    import("@sigstore/verify"),
  ]);
  try {
    return toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(text)));
  } catch (cause) {
    throw new PromoterError(
      "InvalidConfiguration",
      `Cannot read the trusted root of sigstore: ${asPromoterError(cause).message}`,
      { cause, hint: "Name a file as `cosign trusted-root create` writes it with --sigstore-trusted-root" },
    );
  }
}

function unusable(what: string, hint: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `Cannot require signatures: ${what}`, { hint });
}
