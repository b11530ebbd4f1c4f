import { timingSafeEqual } from "node:crypto";

const keyBytes = 32;
const nonceBytes = 24;
const tagBytes = 16;

/**
 * Opens what NaCl's `crypto_secretbox` sealed (XSalsa20 and Poly1305), which OpenSSL does not have and cosign keeps its
 * private keys in. For key files of a few hundred bytes alone: it is made to be read, not to be fast.
 * {@link https://nacl.cr.yp.to/secretbox.html}
 *
 * @returns the message, or undefined when key, nonce and box do not belong together.
 */
export function openSecretbox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (key.length !== keyBytes || nonce.length !== nonceBytes || box.length < tagBytes) return undefined;
  const cipher = box.subarray(tagBytes);
  const stream = xsalsa20(cipher.length + keyBytes, nonce, key);
  const tag = poly1305(cipher, stream.subarray(0, keyBytes));
  if (!timingSafeEqual(tag, box.subarray(0, tagBytes))) return undefined;
  return cipher.map((byte, at) => byte ^ (stream[at + keyBytes] ?? 0));
}

function xsalsa20(length: number, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  const subkey = hsalsa20(key, nonce.subarray(0, 16));
  const stream = new Uint8Array(Math.ceil(length / 64) * 64);
  for (let block = 0; block * 64 < length; block += 1) {
    const counter = new Uint8Array(8);
    new DataView(counter.buffer).setBigUint64(0, BigInt(block), true);
    const input = salsaInput(subkey, Buffer.concat([nonce.subarray(16), counter]));
    const words = salsaRounds(input).map((word, at) => word + (input[at] ?? 0));
    stream.set(toBytes(words), block * 64);
  }
  return stream.subarray(0, length);
}

/** {@link https://cr.yp.to/snuffle/xsalsa-20110204.pdf} section 2: the words whose sums with the input would tell the key. */
function hsalsa20(key: Uint8Array, nonce: Uint8Array): Uint8Array {
  const words = salsaRounds(salsaInput(key, nonce));
  return toBytes(Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], (at) => words[at] ?? 0));
}

function salsaInput(key: Uint8Array, block: Uint8Array): Uint32Array {
  const constant = toWords(Buffer.from("expand 32-byte k"));
  const [k, b] = [toWords(key), toWords(block)];
  return Uint32Array.from(
    [constant[0], ...k.subarray(0, 4), constant[1], ...b, constant[2], ...k.subarray(4), constant[3]],
    (word) => word ?? 0,
  );
}

/** Columns, then rows: each line is one quarter round's words in their order. */
const quarterRounds = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;

/** Twenty rounds of Salsa20, without the addition at the end. {@link https://cr.yp.to/snuffle/spec.pdf} */
function salsaRounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input);
  const mix = (to: number, one: number, other: number, bits: number) => {
    const sum = ((x[one] ?? 0) + (x[other] ?? 0)) >>> 0;
    x[to] = (x[to] ?? 0) ^ ((sum << bits) | (sum >>> (32 - bits)));
  };
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of quarterRounds) {
      mix(b, a, d, 7);
      mix(c, b, a, 9);
      mix(d, c, b, 13);
      mix(a, d, c, 18);
    }
  }
  return x;
}

/** {@link https://datatracker.ietf.org/doc/html/rfc8439#section-2.5} */
function poly1305(message: Uint8Array, key: Uint8Array): Uint8Array {
  const prime = 2n ** 130n - 5n;
  const r = toNumber(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = message.subarray(at, at + 16);
    sum = ((sum + toNumber(block) + 2n ** BigInt(8 * block.length)) * r) % prime;
  }
  const tag = (sum + toNumber(key.subarray(16))) % 2n ** 128n;
  return Buffer.from(tag.toString(16).padStart(2 * tagBytes, "0"), "hex").reverse();
}

/** Little-endian, as all of NaCl. */
function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).reverse().toString("hex")}`);
}

function toWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at, true));
}

function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of words.entries()) view.setUint32(4 * at, word, true);
  return bytes;
}
