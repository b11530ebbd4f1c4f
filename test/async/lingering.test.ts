import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { lingering } from "../../job/async/lingering.ts";

it("follows its signal later, with the same reason", async () => {
  for (const abortedBefore of [true, false]) {
    const stop = new AbortController();
    if (abortedBefore) stop.abort("enough");
    using linger = lingering(stop.signal, 20);
    if (!abortedBefore) stop.abort("enough");
    expect(linger.signal.aborted).toBe(false);
    await new Promise((resolve) => linger.signal.addEventListener("abort", resolve));
    expect(linger.signal.reason).toBe("enough");
  }
});

it("follows no longer once it is disposed of", async () => {
  const stop = new AbortController();
  const before = lingering(stop.signal, 5);
  before[Symbol.dispose]();
  const during = lingering(stop.signal, 5);
  stop.abort("enough");
  during[Symbol.dispose]();
  await delay(20);
  expect([before, during].map(({ signal }) => signal.aborted)).toEqual([false, false]);
});
