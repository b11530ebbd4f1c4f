import type { ChartValues } from "./chart-values.ts";
import type { Fields } from "./fields.ts";
import { mountedPrivateKey, mountedPublicKey } from "./gate-values.ts";

/** The fields of promoter.yaml that say what must hold before a promotion, and what is attested after it. */
export function gateConfiguration({ gates, attestation }: ChartValues): Fields {
  const signature = signatureOf(gates.signature);
  const scan = scanOf(gates.scan);
  return {
    ...((signature ?? scan) && { gates: { ...(signature && { signature }), ...(scan && { scan }) } }),
    ...(attestation.enabled && { attestation: attestationOf(attestation) }),
  };
}

/** The Secret of the key that signs statements, where there are any. */
export function attestationSecret({ attestation: { enabled, secret } }: ChartValues): string {
  return enabled ? secret : "";
}

/** Where whom to trust has to be fetched, which takes a folder to write in; empty where nothing is fetched. */
export function temporaryFolder({ gates: { signature } }: ChartValues): string {
  return signature.identities.length > 0 && signature.trustedRoot === "" ? "/tmp" : "";
}

function signatureOf(values: ChartValues["gates"]["signature"]): Fields | undefined {
  const { identities, trustedRoot } = values;
  const mounted = values.configMap !== "" || values.secret !== "";
  const keys = [...values.keys, ...(mounted ? [mountedPublicKey] : [])];
  if (keys.length + identities.length === 0) return undefined;
  return {
    ...(keys.length > 0 && { keys }),
    ...(identities.length > 0 && { identities }),
    ...(trustedRoot !== "" && { trustedRoot }),
  };
}

function scanOf({ highest, ignore, wait }: ChartValues["gates"]["scan"]): Fields | undefined {
  if (highest === "") return undefined;
  return { highest, ...(ignore.length > 0 && { ignore }), ...(wait !== "" && { wait }) };
}

function attestationOf({ secret, key, identity }: ChartValues["attestation"]): Fields {
  const signer = secret === "" ? key : mountedPrivateKey;
  return { enabled: true, ...(signer !== "" && { key: signer }), ...(identity !== "" && { identity }) };
}
