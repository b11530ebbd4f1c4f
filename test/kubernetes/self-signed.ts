import { generateKeyPairSync, sign } from "node:crypto";

/** A server certificate that nobody else vouches for, and its key, both PEM. */
export interface SelfSigned {
  readonly certificate: string;
  readonly key: string;
}

export interface SelfSignedOptions {
  /** What it vouches for besides the loopback addresses. A name may begin with `*.`. */
  readonly names?: readonly string[];
  /** Whether it vouches for 127.0.0.1 and ::1. Default true. */
  readonly loopback?: boolean;
  /** Whether its time is over. Default false. */
  readonly expired?: boolean;
}

/** Makes a certificate for the loopback addresses, so that no private key has to be kept among the sources. */
export function selfSigned(options: SelfSignedOptions = {}): SelfSigned {
  const { names = [], loopback = true, expired = false } = options;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const name = der(0x30, der(0x31, der(0x30, oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from("kubernetes")))));
  const validity = der(
    0x30,
    der(0x17, Buffer.from("200101000000Z")),
    der(0x17, Buffer.from(expired ? "210101000000Z" : "490101000000Z")),
  );
  const addresses = [
    der(0x87, Buffer.from([127, 0, 0, 1])),
    der(0x87, Buffer.from([...Array(15).fill(0), 1])),
  ];
  const hosts = names.map((host) => der(0x82, Buffer.from(host)));
  const vouchedFor = der(0x30, ...(loopback ? addresses : []), ...hosts);
  const subjectAltName = der(0x30, oid(0x55, 0x1d, 0x11), der(0x04, vouchedFor));
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, subjectAltName)),
  );
  const signature = der(0x03, Buffer.from([0]), sign("sha256", body, privateKey));
  return {
    certificate: pem("CERTIFICATE", der(0x30, body, ecdsaWithSha256, signature)),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Tag, length and value. {@link https://www.itu.int/rec/T-REC-X.690} */
function der(tag: number, ...values: readonly Buffer[]): Buffer {
  const value = Buffer.concat(values);
  const { length } = value;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function oid(...bytes: readonly number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
