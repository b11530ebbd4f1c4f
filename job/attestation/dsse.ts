/**
 * What a DSSE signature is over: the payload with its type and both lengths, so that neither can be read as something
 * else.
 * {@link https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md}
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
