import { onAbort } from "./on-abort.ts";

/** A signal of its own, until it is disposed of. */
export interface Lingering extends Disposable {
  readonly signal: AbortSignal;
}

/** A signal that follows `signal` so many milliseconds later: for what is better heard out than broken off. */
export function lingering(signal: AbortSignal, ms: number): Lingering {
  const later = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => later.abort(signal.reason), ms);
  };
  const stopListening = onAbort(signal, begin);
  if (signal.aborted) begin();
  return {
    signal: later.signal,
    [Symbol.dispose]() {
      stopListening();
      clearTimeout(timer);
    },
  };
}
