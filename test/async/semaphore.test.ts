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

  it("lends the slot of whoever steps aside to others, and has it back before those who never had one", async () => {
    const semaphore = new Semaphore(1);
    const told = Promise.withResolvers<string>();
    const held = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = semaphore.run(async (aside) => {
      order.push(await aside(() => told.promise));
      await turn();
    });
    const second = semaphore.run(async () => {
      order.push("second");
      await held.promise;
    });
    const third = semaphore.run(async () => void order.push("third"));
    await turn();
    expect(order).toEqual(["second"]);
    told.resolve("first");
    await turn();
    expect(order).toEqual(["second"]);
    held.resolve();
    await Promise.all([first, second, third]);
    expect(order).toEqual(["second", "first", "third"]);
  });

  it("stays aside while any part of the work does, and keeps count whatever comes of them", async () => {
    const semaphore = new Semaphore(1);
    const waits = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const parts = semaphore.run((aside) =>
      Promise.allSettled(waits.map(({ promise }) => aside(() => promise))),
    );
    waits[0].reject(new Error("no"));
    await turn();
    expect(await semaphore.run(async () => "in between")).toBe("in between");
    waits[1].resolve();
    expect((await parts).map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    let running = 0;
    const alone = async () => {
      running += 1;
      expect(running).toBe(1);
      await turn();
      running -= 1;
    };
    await Promise.all([1, 2, 3].map(() => semaphore.run(alone)));
  });

  it("takes no slot for a wait that outlives its work, or is aborted on its way back", async () => {
    const semaphore = new Semaphore(1);
    const left = Promise.withResolvers<void>();
    await semaphore.run(async (aside) => void aside(() => left.promise));
    left.resolve();
    await turn();
    const controller = new AbortController();
    const held = Promise.withResolvers<void>();
    const aborted = semaphore.run((aside) => aside(turn), controller.signal);
    const other = semaphore.run(() => held.promise);
    await turn();
    await turn();
    controller.abort(new Error("stop"));
    await expect(aborted).rejects.toThrow("stop");
    held.resolve();
    await other;
    expect(await semaphore.run(async () => "free")).toBe("free");
  });

  it("refuses sizes that nobody can mean", () => {
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => new Semaphore(size)).toThrow(RangeError);
  });
});
