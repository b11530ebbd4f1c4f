import type { KeyObject } from "node:crypto";
import { preAuthEncoding } from "./dsse.ts";
import type { SignedEnvelope } from "./envelope.ts";
import { isSignedBy } from "./signing-key.ts";

/** True when one of the keys made one of the envelope's signatures, whatever the envelope says of its key. */
export function isSignedByAny(envelope: SignedEnvelope, keys: readonly KeyObject[]): boolean {
  const { payloadType, payload, signatures } = envelope;
  const message = preAuthEncoding(payloadType, payload);
  return keys.some((key) => signatures.some((signature) => isSignedBy(key, message, signature)));
}
