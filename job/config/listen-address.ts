import { PromoterError } from "../error.ts";

/** Where to listen; all addresses of the machine where no host is named. */
export interface ListenAddress {
  readonly host?: string;
  readonly port: number;
}

/** @throws {PromoterError} `InvalidConfiguration` */
export function parseListenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-fA-F:.]+)\]|([\w.-]*)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits ?? Number.NaN);
  const host = bracketed ?? plain;
  if (port <= 65_535) return { port, ...(host !== undefined && host !== "" && { host }) };
  throw new PromoterError(
    "InvalidConfiguration",
    `Cannot use ${JSON.stringify(text.slice(0, 100))}: it is no address to listen on`,
    { hint: "Write a port, or an address with one: 8080, 127.0.0.1:8080, [::]:8080" },
  );
}
