import { onAbort } from "./on-abort.ts";

/**
 * Waits for work that others wait for too: an abort ends the waiting and leaves the work to the others.
 * Rejects with the signal's reason.
 */
export async function withSignal<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stopListening = onAbort(signal, () => aborted.reject(signal.reason));
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    stopListening();
  }
}
