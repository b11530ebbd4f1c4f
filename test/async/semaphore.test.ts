import { describe, expect, it } from "vitest";
import { Semaphore } from "../../job/async/semaphore.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Semaphore", () => {
  it("runs at most so many at a time, in the order in which they came", async () => {
    const semaphore = new Semaphore(2);
    const order: number[] = [];
    let running = 0;
    const work = (name: number) => async () => {
      running += 1;
      expect(running).toBeLessThanOrEqual(2);
      order.push(name);
      await turn();
      running -= 1;
    };
    await Promise.all([1, 2, 3, 4, 5].map((name) => semaphore.run(work(name))));
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it("gives the slot back when the work fails", async () => {
    const semaphore = new Semaphore(1);
    await expect(semaphore.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await semaphore.run(async () => "next")).toBe("next");
  });

  it("lets go of whoever is aborted while waiting, and of nobody else", async () => {
    const semaphore = new Semaphore(1);
    const controller = new AbortController();
    const held = Promise.withResolvers<void>();
    const first = semaphore.run(() => held.promise);
    const aborted = semaphore.run(async () => "never", controller.signal);
    const third = semaphore.run(async () => "third");
    controller.abort(new Error("stop"));
    await expect(aborted).rejects.toThrow("stop");
    held.resolve();
    await first;
    expect(await third).toBe("third");
  });

  it("refuses sizes that nobody can mean", () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new Semaphore(size)).toThrow(RangeError);
  });
});
