/** A signal of its own, until it is disposed of. */
export interface Lingering extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that follows `signal` so many milliseconds later: for what is better heard out than broken off. */
export function lingering(signal: AbortSignal, ms: number): Lingering {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => later.abort(signal.reason), ms);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: later.signal,
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    },
  };
}
