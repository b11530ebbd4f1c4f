import { expect, it } from "vitest";
import { allDone } from "../../job/async/all-done.ts";
import { mapConcurrent, mapConcurrentBy } from "../../job/async/map-concurrent.ts";

it("keeps the order of results and the limit", async () => {
  let running = 0;
  const results = await mapConcurrent([5, 1, 3, 2, 4], 2, async (item) => {
    running += 1;
    expect(running).toBeLessThanOrEqual(2);
    for (let turns = 0; turns < item; turns += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect(results).toEqual([50, 10, 30, 20, 40]);
  expect(await mapConcurrent([], 3, async () => 1)).toEqual([]);
});

it("lets no group wait for another, and keeps the order of results", async () => {
  const stuck = Promise.withResolvers<void>();
  const done: string[] = [];
  const results = mapConcurrentBy(
    ["a1", "a2", "a3", "b1", "b2", "b3"],
    2,
    ([group]) => group,
    async (item) => {
      if (item.startsWith("a")) await stuck.promise;
      done.push(item);
      return `${item}!`;
    },
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual(["b1", "b2", "b3"]);
  stuck.resolve();
  expect(await results).toEqual(["a1!", "a2!", "a3!", "b1!", "b2!", "b3!"]);
});

it("leaves nothing running when one of several fails", async () => {
  let ended = false;
  const slow = new Promise<void>((resolve) => setTimeout(resolve, 5)).then(() => {
    ended = true;
  });
  await expect(allDone([Promise.reject(new Error("no")), slow])).rejects.toThrow("no");
  expect(ended).toBe(true);
});
