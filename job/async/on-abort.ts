const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls a listener when a signal is aborted; not for one that has been aborted already. Hundreds of requests share a
 * signal, which looks at each of its listeners whenever one comes or goes: it has one for all of them.
 *
 * @returns what takes the listener away.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => undefined;
  const listeners = listening.get(signal) ?? begin(signal);
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) end(signal, listeners);
  };
}

function begin(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  listening.set(signal, listeners);
  signal.addEventListener("abort", callAll, { once: true });
  return listeners;
}

/** A signal that is made of others is kept in memory for as long as anything listens to it. */
function end(signal: AbortSignal, listeners: ReadonlySet<() => void>): void {
  if (listening.get(signal) !== listeners) return;
  listening.delete(signal);
  signal.removeEventListener("abort", callAll);
}

function callAll(this: AbortSignal): void {
  const listeners = listening.get(this) ?? [];
  listening.delete(this);
  for (const listener of listeners) listener();
}
