import { BlockList, isIP, isIPv4, type LookupFunction } from "node:net";
import { PromoterError } from "../error.ts";
import { addressOf } from "../http-client/connect.ts";

/** What kind of place an address is, as far as it matters for who may lead us there. */
export type AddressKind = "loopback" | "reserved" | "ordinary";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Addresses that no registry has any business with: unspecified, link-local (where clouds keep their credentials),
 * multicast and broadcast, and the services that EC2 offers to each instance over IPv6.
 *
 * {@link https://www.iana.org/assignments/iana-ipv4-special-registry}
 * {@link https://www.iana.org/assignments/iana-ipv6-special-registry}
 * {@link https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html}
 */
const reserved = new BlockList();
reserved.addSubnet("0.0.0.0", 8, "ipv4");
reserved.addSubnet("169.254.0.0", 16, "ipv4");
reserved.addSubnet("224.0.0.0", 4, "ipv4");
reserved.addAddress("255.255.255.255", "ipv4");
reserved.addAddress("::", "ipv6");
reserved.addSubnet("fe80::", 10, "ipv6");
reserved.addSubnet("fec0::", 10, "ipv6");
reserved.addSubnet("ff00::", 8, "ipv6");
reserved.addSubnet("fd00:ec2::", 32, "ipv6");

/** IPv6 addresses that stand for an IPv4 address in their last 32 bits: compatible, mapped, translated, NAT64. */
const embedding = new BlockList();
embedding.addSubnet("::", 96, "ipv6");
embedding.addSubnet("::ffff:0:0", 96, "ipv6");
embedding.addSubnet("::ffff:0:0:0", 96, "ipv6");
embedding.addSubnet("64:ff9b::", 96, "ipv6");
embedding.addSubnet("64:ff9b:1::", 48, "ipv6");

/** The kind of an IP address in any spelling that the system's resolver or a URL may give. */
export function addressKind(address: string): AddressKind {
  const zone = address.indexOf("%");
  const bare = zone < 0 ? address : address.slice(0, zone);
  const family = isIPv4(bare) ? "ipv4" : "ipv6";
  if (loopback.check(bare, family)) return "loopback";
  if (reserved.check(bare, family)) return "reserved";
  if (family === "ipv6" && embedding.check(bare, family)) return addressKind(lastFourBytes(bare));
  return "ordinary";
}

/** The IP address that a URL's host is, without its brackets; undefined for a name. */
export function literalAddress(url: URL): string | undefined {
  const { host } = addressOf(url);
  return isIP(host) === 0 ? undefined : host;
}

/** True for `localhost` and what is below it, and for loopback addresses. */
export function isLoopbackHost(url: URL): boolean {
  const address = literalAddress(url);
  if (address !== undefined) return addressKind(address) === "loopback";
  const name = url.hostname.replace(/\.$/, "");
  return name === "localhost" || name.endsWith(".localhost");
}

/**
 * A lookup that answers with an error when `admits` refuses one of the addresses found. Since the very addresses that
 * were judged are connected to, a name that changes its mind gains nothing.
 */
export function guardedLookup(
  lookup: LookupFunction,
  admits: (addresses: readonly string[]) => void,
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, found, family) => {
      if (error !== null) return callback(error, found, family);
      try {
        admits(typeof found === "string" ? [found] : found.map(({ address }) => address));
      } catch (refusal) {
        return callback(refusal as Error, found, family);
      }
      callback(null, found, family);
    });
  };
}

/** @returns the error for an address where a registry may not send us. */
export function addressRefused(origin: URL, kind: AddressKind): PromoterError {
  const what = kind === "loopback" ? "this machine itself" : "a link-local or reserved address";
  return new PromoterError("RedirectRefused", `Refused to connect to ${origin.origin}: it is ${what}`, {
    hint: "A registry sent us there. If that is as it should be, name that address as a registry of its own",
  });
}

function lastFourBytes(address: string): string {
  // The URL parser knows every spelling and writes the last 32 bits as two groups in hexadecimal.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split(":");
  const [high, low] = groups.slice(-2).map((group) => Number.parseInt(group || "0", 16));
  const bits = ((high ?? 0) << 16) | (low ?? 0);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}
