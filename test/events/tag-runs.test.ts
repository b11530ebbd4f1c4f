import { describe, expect, it } from "vitest";
import { TagRuns } from "../../job/events/tag-runs.ts";

function world() {
  const runs = new TagRuns<string>();
  const open: ((result: string) => void)[] = [];
  let most = 0;
  let running = 0;
  const work = () => {
    running += 1;
    most = Math.max(most, running);
    const { promise, resolve } = Promise.withResolvers<string>();
    open.push(resolve);
    return promise.finally(() => {
      running -= 1;
    });
  };
  return {
    ask: (wanted: string) => runs.run("app:1", (result) => result === wanted, work),
    other: () => runs.run("app:2", () => true, work),
    end: async (result: string) => {
      open.shift()?.(result);
      await new Promise(setImmediate);
    },
    open,
    most: () => most,
  };
}

describe("runs for a tag", () => {
  it("are one for all who ask for what it brings", async () => {
    const { ask, end, open } = world();
    const asked = [ask("a"), ask("a"), ask("a")];
    expect(open).toHaveLength(1);
    await end("a");
    expect(await Promise.all(asked)).toEqual(["a", "a", "a"]);
    expect(open).toHaveLength(0);
  });

  it("are one more, together, for all who came meanwhile and ask for something else", async () => {
    const { ask, end, open, most } = world();
    const asked = [ask("a"), ask("b"), ask("c"), ask("a")];
    await end("a");
    expect(open).toHaveLength(1);
    await end("c");
    expect(await Promise.all(asked)).toEqual(["a", "c", "c", "a"]);
    expect([open.length, most()]).toEqual([0, 1]);
  });

  it("never overlap, also when somebody begins anew between two", async () => {
    const { ask, end, open, most } = world();
    const first = ask("a");
    const waits = ask("b");
    const late = first.then(() => ask("z"));
    await end("a");
    await end("b");
    while (open.length > 0) await end("z");
    expect(await waits).toBe("b");
    expect(["b", "z"]).toContain(await late);
    expect(most()).toBe(1);
  });

  it("of different tags do not wait for each other, and are forgotten when they end", async () => {
    const { ask, other, end, open } = world();
    const both = [ask("a"), other()];
    expect(open).toHaveLength(2);
    await end("a");
    await end("a");
    await Promise.all(both);
    const again = ask("a");
    expect(open).toHaveLength(1);
    await end("a");
    await again;
  });
});
