import type { LookupFunction } from "node:net";

type Callback = Parameters<LookupFunction>[2];

/**
 * A lookup that asks once for all who want the same name at the same time. Connections are opened many at once, and
 * the system's resolver works for four at a time, each going through all search domains of a cluster.
 */
export function sharedLookup(lookup: LookupFunction): LookupFunction {
  const waiting = new Map<string, Callback[]>();
  return (hostname, options, callback) => {
    const { all, family, hints, order, verbatim } = options;
    const key = JSON.stringify([hostname, all, family, hints, order, verbatim]);
    const others = waiting.get(key);
    if (others !== undefined) {
      others.push(callback);
      return;
    }
    const callbacks = [callback];
    waiting.set(key, callbacks);
    lookup(hostname, options, (...answer) => {
      waiting.delete(key);
      for (const each of callbacks) each(...answer);
    });
  };
}
