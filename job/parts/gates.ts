import type { ScanSettings, SignatureSettings } from "../config/gate-settings.ts";
import { isInline, readTextOrFile } from "../config/text-or-file.ts";
import type { EcrClients } from "../ecr/api.ts";
import { ecrScans } from "../ecr/scan-findings.ts";
import type { Gate } from "../promotion/gate.ts";
import type { Runtime } from "../runtime.ts";
import type { PromotionOptions } from "./promotion-options.ts";

/**
 * The gates that settings ask for. What they are made of is loaded only where one is on.
 *
 * @throws {PromoterError} `InvalidConfiguration` when a key or a trusted root cannot be read.
 */
export async function openGates(
  { settings, runtime }: Pick<PromotionOptions, "settings" | "runtime">,
  clients: EcrClients,
): Promise<readonly Gate[]> {
  const { signature, scan } = settings.gates;
  return Promise.all([
    ...(signature === undefined ? [] : [openSignatureGate(signature, runtime)]),
    ...(scan === undefined ? [] : [openScanGate(scan, clients, runtime)]),
  ]);
}

async function openSignatureGate(
  { keys, identities, trustedRoot }: SignatureSettings,
  { readFile, env }: Runtime,
): Promise<Gate> {
  const { signatureGate } = await import("../gates/signature.ts");
  return signatureGate({
    identities,
    keys: await Promise.all(
      keys.map(async (key) => ({
        name: isInline(key) ? "the key of the configuration" : key.slice(key.lastIndexOf("/") + 1),
        pem: await readTextOrFile(key, "the public key", readFile),
      })),
    ),
    async loadTrustedRoot() {
      if (trustedRoot !== undefined) return readTextOrFile(trustedRoot, "the trusted root", readFile);
      const { loadPublicGoodRoot } = await import("../gates/signature/public-good-root.ts");
      return loadPublicGoodRoot({ temporaryFolder: env.TMPDIR || "/tmp" });
    },
  });
}

async function openScanGate(
  { highest, ignore, waitMs }: ScanSettings,
  clients: EcrClients,
  { clock }: Runtime,
): Promise<Gate> {
  const { scanGate } = await import("../gates/scan.ts");
  return scanGate({ source: ecrScans(clients), clock, highest, ignore, waitMs });
}
