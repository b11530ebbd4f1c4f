import { isIPv6 } from "node:net";

/**
 * Makes Node's pattern for addresses of IPv6 ready. Node holds the name of each host against it before it is looked up,
 * and V8 takes ten milliseconds to optimize it: more than that could ever save.
 *
 * @param setFlags sets flags of V8's, until they are set otherwise.
 */
export function readyAddressPattern(setFlags: (flags: string) => void): void {
  setFlags("--no-regexp-optimization");
  // At its first use V8 makes something to interpret of it, at its second a program.
  for (const host of ["a.example", "b.example"]) isIPv6(host);
  // Node's own modules are kept compiled for V8's usual flags.
  setFlags("--regexp-optimization");
}
