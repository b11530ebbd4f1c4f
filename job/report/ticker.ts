/** Calls `tick` every `intervalMs` milliseconds until the function that it returns is called. */
export type Ticker = (tick: () => void, intervalMs: number) => () => void;

/** By the machine's clock; does not keep the process alive. */
export const systemTicker: Ticker = (tick, intervalMs) => {
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
};
