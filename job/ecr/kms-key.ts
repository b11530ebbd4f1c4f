import { createHash } from "node:crypto";
import type { KMSClient } from "@aws-sdk/client-kms";
import { PromoterError } from "../error.ts";
import type { Waiting } from "../oci/content.ts";
import { type KmsCall, kmsError } from "./kms-error.ts";
import { parseKmsAddress } from "./policy/kms-address.ts";
import { openService, type ServiceClientOptions, serviceClientConfig } from "./service-client.ts";

/** How a key of KMS signs. */
export type KmsAlgorithm = "ECDSA_SHA_256" | "RSASSA_PKCS1_V1_5_SHA_256";

/** An asymmetric key that never leaves KMS. Its connections are kept until it is disposed of. */
export interface KmsKey extends AsyncDisposable {
  /** As SubjectPublicKeyInfo, in DER. */
  publicKey(options?: Waiting): Promise<Uint8Array>;
  sign(message: Uint8Array, algorithm: KmsAlgorithm, options?: Waiting): Promise<Uint8Array>;
}

/** Longer messages KMS signs by their digest only. */
const maxMessageBytes = 4096;

/**
 * A key of KMS, by the ARN of the key or of an alias; asks nothing yet. The process's own identity uses it.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it is named otherwise.
 */
export function openKmsKey(text: string, options: ServiceClientOptions): KmsKey {
  const { arn, region } = parseKmsAddress(text);
  const kms = openService(
    () => openClient(region, options),
    (error, operation: KmsCall["operation"]) => kmsError(error, { operation, arn, region }),
  );
  return {
    async publicKey(waiting = {}) {
      const { GetPublicKeyCommand } = await import("@aws-sdk/client-kms");
      const { PublicKey } = await kms.call("GetPublicKey", waiting, (client, request) =>
        client.send(new GetPublicKeyCommand({ KeyId: arn }), request),
      );
      return answered(PublicKey, arn);
    },
    async sign(message, SigningAlgorithm, waiting = {}) {
      const { SignCommand } = await import("@aws-sdk/client-kms");
      const content =
        message.length <= maxMessageBytes
          ? ({ Message: message, MessageType: "RAW" } as const)
          : ({ Message: createHash("sha256").update(message).digest(), MessageType: "DIGEST" } as const);
      const input = { KeyId: arn, SigningAlgorithm, ...content };
      const { Signature } = await kms.call("Sign", waiting, (client, request) =>
        client.send(new SignCommand(input), request),
      );
      return answered(Signature, arn);
    },
    [Symbol.asyncDispose]: () => kms[Symbol.asyncDispose](),
  };
}

async function openClient(region: string, options: ServiceClientOptions): Promise<KMSClient> {
  const [{ KMSClient }, config] = await Promise.all([
    import("@aws-sdk/client-kms"),
    serviceClientConfig("KMS", region, options),
  ]);
  return new KMSClient(config);
}

function answered(bytes: Uint8Array | undefined, arn: string): Uint8Array {
  if (bytes !== undefined) return bytes;
  throw new PromoterError("InvalidResponse", `Cannot read what KMS answered for ${arn}`, {
    hint: "Check that what answers is KMS; an endpoint override may lead elsewhere",
  });
}
