import type { Settings } from "../config/settings.ts";
import { readTextOrFile } from "../config/text-or-file.ts";
import { PromoterError } from "../error.ts";
import { type Fields, isFields } from "../render/fields.ts";
import type { Runtime } from "../runtime.ts";

/**
 * Settings for a Job, which has none of our files: public keys and trusted roots are written out.
 *
 * @param values what a Job is told besides, by files and flags of its own.
 * @throws {PromoterError} `InvalidConfiguration` when a file cannot be read, and for a private key: its place is a Secret.
 */
export async function withoutGateFiles(
  settings: Settings,
  values: Fields,
  { readFile }: Pick<Runtime, "readFile">,
): Promise<Settings> {
  const { gates, attestation } = settings;
  const { signature } = gates;
  const inSecret = isFields(values.attestation) && Boolean(values.attestation.secret);
  if (attestation?.key !== undefined && !attestation.key.includes("://") && !inSecret) {
    throw privateKeyFile(attestation.key);
  }
  const { key: _, ...unsigned } = attestation ?? {};
  return {
    ...settings,
    gates: {
      ...gates,
      ...(signature && {
        signature: {
          ...signature,
          keys: await Promise.all(
            signature.keys.map((key) => readTextOrFile(key, "the public key", readFile)),
          ),
          ...(signature.trustedRoot !== undefined && {
            trustedRoot: await readTextOrFile(signature.trustedRoot, "the trusted root", readFile),
          }),
        },
      }),
    },
    ...(attestation && { attestation: inSecret ? unsigned : attestation }),
  };
}

function privateKeyFile(path: string): PromoterError {
  return new PromoterError("InvalidConfiguration", `A Job does not have the file ${path}`, {
    hint: `Put the key into a Secret and name that: kubectl create secret generic image-promoter-attestation --from-file=cosign.key=${path} --from-literal=cosign.password=…, and --set attestation.secret=image-promoter-attestation; or sign with awskms:///ARN`,
  });
}
