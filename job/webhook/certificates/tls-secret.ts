import type { ServerCertificate } from "../../http-server/secure-listener.ts";
import { type ApiObject, isRecord } from "../../kubernetes/object.ts";
import type { IssuedCertificate } from "./make-certificate.ts";

/** What a Secret of the type `kubernetes.io/tls` holds, and what else is kept there while certificates change. */
export interface TlsSecret {
  /** What is served; undefined when there is none. */
  readonly current?: ServerCertificate;
  /** Whom clients have to trust, as one PEM text: the authorities of what was, is and will be served. */
  readonly authorities: string;
  /** What will be served, as soon as all clients trust its authority. */
  readonly next?: IssuedCertificate;
}

const fields = {
  certificate: "tls.crt",
  key: "tls.key",
  authorities: "ca.crt",
  nextCertificate: "next.crt",
  nextKey: "next.key",
  nextAuthority: "next-ca.crt",
} as const;

/** Reads a Secret; what is missing or no text is taken as not there. */
export function readTlsSecret(secret: ApiObject | undefined): TlsSecret {
  const data = isRecord(secret?.data) ? secret.data : {};
  const read = (field: keyof typeof fields) => {
    const value = data[fields[field]];
    return typeof value === "string" ? Buffer.from(value, "base64").toString() : "";
  };
  const current = { certificate: read("certificate"), key: read("key") };
  const next = {
    certificate: read("nextCertificate"),
    key: read("nextKey"),
    authority: read("nextAuthority"),
  };
  return {
    authorities: read("authorities"),
    ...(current.certificate !== "" && current.key !== "" && { current }),
    ...(next.certificate !== "" && next.key !== "" && next.authority !== "" && { next }),
  };
}

/** The Secret's data; fields that others keep there stay. */
export function writeTlsSecret(
  before: ApiObject | undefined,
  { current, authorities, next }: TlsSecret,
): Readonly<Record<string, unknown>> {
  const foreign = Object.entries(isRecord(before?.data) ? before.data : {}).filter(
    ([name]) => !(Object.values(fields) as string[]).includes(name),
  );
  const own = [
    [fields.certificate, current?.certificate],
    [fields.key, current?.key],
    [fields.authorities, authorities],
    [fields.nextCertificate, next?.certificate],
    [fields.nextKey, next?.key],
    [fields.nextAuthority, next?.authority],
  ] as const;
  const written = own.flatMap(([name, text]) =>
    text === undefined ? [] : [[name, Buffer.from(text).toString("base64")] as const],
  );
  return Object.fromEntries([...foreign, ...written]);
}
