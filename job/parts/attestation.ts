import type { KeyObject } from "node:crypto";
import { readTextOrFile } from "../config/text-or-file.ts";
import type { EcrClients } from "../ecr/api.ts";
import { type KmsKey, openKmsKey } from "../ecr/kms-key.ts";
import { isKmsAddress } from "../ecr/policy/kms-address.ts";
import { parseEcrHost } from "../ecr/registry-host.ts";
import type { Attestor } from "../promotion/attestor.ts";
import type { Runtime } from "../runtime.ts";
import { version } from "../version.ts";
import type { PromotionOptions } from "./promotion-options.ts";
import { defaultPatience, userAgent } from "./surroundings.ts";

/**
 * Whoever attests promotions, where settings want it. What it is made of is loaded only then.
 *
 * @param closing what is disposed of when the promotion is over.
 * @throws {PromoterError} `Usage` when what is attached to images is left behind; `InvalidConfiguration` when the key
 * cannot be read.
 */
export async function openAttestor(
  { settings, runtime }: Pick<PromotionOptions, "settings" | "runtime">,
  clients: EcrClients,
  closing: AsyncDisposableStack,
): Promise<Attestor | undefined> {
  const { attestation, referrers, registries } = settings;
  if (attestation === undefined) return undefined;
  const [{ attestor, checkAttesting }, { promoterIdentity }, { syncedApplication }] = await Promise.all([
    import("../attestation/attestor.ts"),
    import("../attestation/identity.ts"),
    import("../attestation/application.ts"),
  ]);
  checkAttesting(referrers);
  const { identity: name, key } = attestation;
  const application = syncedApplication(runtime.env);
  return attestor({
    clock: runtime.clock,
    version,
    identityAt(host) {
      const ecr = parseEcrHost(host);
      const identity = ecr && registries.length > 0 ? clients.identityFor(ecr) : "";
      const [roleArn] = /^arn:\S+/.exec(identity) ?? [];
      return promoterIdentity(runtime, {
        ...(name !== undefined && { name }),
        ...(roleArn !== undefined && { roleArn }),
      });
    },
    ...(application && { application }),
    ...(key !== undefined && { key: await openSigningKey(key, runtime, closing) }),
  });
}

/**
 * Public keys to verify statements by: files, PEM, or keys of KMS.
 *
 * @throws {PromoterError} `InvalidConfiguration` when one cannot be read; what KMS says.
 */
export async function openPublicKeys(
  keys: readonly string[],
  runtime: Runtime,
  signal: AbortSignal,
): Promise<readonly KeyObject[]> {
  const { readPublicKey } = await import("../attestation/key-file.ts");
  return Promise.all(
    keys.map(async (key) => {
      if (isKmsAddress(key)) {
        await using kmsKey = remoteKey(key, runtime);
        return await (await signingByRemote(kmsKey)).publicKey({ signal });
      }
      return readPublicKey(await readTextOrFile(key, "the public key", runtime.readFile));
    }),
  );
}

async function openSigningKey(key: string, runtime: Runtime, closing: AsyncDisposableStack) {
  if (isKmsAddress(key)) return signingByRemote(closing.use(remoteKey(key, runtime)));
  const { readPrivateKey } = await import("../attestation/key-file.ts");
  const pem = await readTextOrFile(key, "the private key", runtime.readFile);
  return readPrivateKey(pem, runtime.env.COSIGN_PASSWORD);
}

function remoteKey(address: string, { env, clock, patience = defaultPatience }: Runtime): KmsKey {
  return openKmsKey(address, { env, clock, userAgent, answerTimeoutMs: patience.apiAnswerMs });
}

async function signingByRemote(key: KmsKey) {
  const { remoteSigningKey } = await import("../attestation/remote-key.ts");
  return remoteSigningKey(key);
}
