import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { PromoterError } from "../../job/error.ts";
import type { HandleEvents } from "../../job/events/event-promoter.ts";
import { type EventReport, eventReport } from "../../job/events/event-report.ts";
import { workQueue } from "../../job/events/work-queue.ts";
import { silentLog } from "../../job/log.ts";
import { type MemoryQueue, memoryQueue } from "./memory-queue.ts";

const done = eventReport({ event: "e", outcome: "promoted" });
const failed = (temporary: boolean): EventReport =>
  eventReport({
    event: "e",
    outcome: "failed",
    error: { code: temporary ? "Network" : "Denied", message: "It is so", temporary },
  });

interface Logged {
  readonly level: "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

/** Lets a queue be worked on until `until` holds. */
async function worked(
  queue: MemoryQueue,
  handle: HandleEvents,
  until: () => boolean,
  given: { readonly visibilityMs?: number; readonly atOnce?: number; readonly work?: AbortController } = {},
) {
  const { visibilityMs = 60_000, atOnce = 10, work = new AbortController() } = given;
  const logged: Logged[] = [];
  const ready: boolean[] = [];
  const stop = new AbortController();
  const running = workQueue(queue, {
    handle,
    atOnce,
    visibilityMs,
    // Waits are as long as they are, but for the pauses between attempts.
    clock: {
      ...systemClock,
      sleep: (ms, signal) =>
        systemClock.sleep(ms >= 250 && ms < 20_000 && ms !== visibilityMs / 2 ? 1 : ms, signal),
    },
    log: {
      ...silentLog,
      warn: (fields, message) => logged.push({ level: "warn", fields, message }),
      error: (fields, message) => logged.push({ level: "error", fields, message }),
    },
    signal: stop.signal,
    workSignal: work.signal,
    onReady: (isReady) => ready.push(isReady),
  });
  const ended = running.then(
    () => undefined,
    (error: unknown) => error,
  );
  await Promise.race([ended, vi.waitFor(() => expect(until()).toBe(true), { timeout: 5_000, interval: 2 })]);
  stop.abort(new Error("stopped"));
  return { error: await ended, logged, ready };
}

describe("a message of a queue", () => {
  it("is deleted after all that it tells of is done, not before", async () => {
    const queue = memoryQueue();
    queue.send("one");
    let heldDuringWork = 0;
    const handle = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      heldDuringWork = queue.messages.length;
      return [done, done];
    };
    await worked(queue, handle, () => queue.messages.length === 0);
    expect(heldDuringWork).toBe(1);
    expect(queue.calls.filter((call) => call === "delete")).toHaveLength(1);
  });

  it("is deleted when it asks for nothing", async () => {
    const queue = memoryQueue();
    queue.send("one");
    await worked(
      queue,
      async () => [eventReport({ outcome: "ignored", reason: "so" })],
      () => queue.messages.length === 0,
    );
    expect(queue.messages).toEqual([]);
  });

  it("stays hidden while it is worked on, however long that takes", async () => {
    const queue = memoryQueue();
    queue.send("one");
    const extended = () => queue.calls.filter((call) => call === "hide 1000").length;
    let handled = 0;
    const handle = async () => {
      handled += 1;
      await vi.waitFor(() => expect(extended()).toBeGreaterThanOrEqual(3), { timeout: 5_000, interval: 5 });
      return [done];
    };
    await worked(queue, handle, () => queue.messages.length === 0, { visibilityMs: 1_000 });
    expect(handled).toBe(1);
  });

  it("rests for a while and comes again after a failure that may pass", async () => {
    const queue = memoryQueue();
    queue.send("one");
    const { logged } = await worked(
      queue,
      async () => [failed(true)],
      () => queue.calls.some((call) => call.startsWith("hide")),
    );
    const [hidden = ""] = queue.calls.filter((call) => call.startsWith("hide"));
    expect(Number(hidden.slice(5))).toBeGreaterThanOrEqual(5_000);
    expect(Number(hidden.slice(5))).toBeLessThanOrEqual(10_000);
    expect(queue.messages).toHaveLength(1);
    expect(logged).toMatchObject([
      {
        level: "warn",
        message: "It is so",
        fields: { messageId: "m1", event: "e", code: "Network", received: 1 },
      },
    ]);
  });

  it("is left for the dead-letter queue after a failure that will not pass, with a clear word", async () => {
    const queue = memoryQueue(2);
    queue.send("poison");
    queue.send("good");
    const handle = async (text: string) => [text === "good" ? done : failed(false)];
    const { logged } = await worked(queue, handle, () => queue.dead.length === 1, { visibilityMs: 30 });
    expect(queue.dead).toEqual(["m1"]);
    expect(queue.messages).toEqual([]);
    expect(queue.calls.filter((call) => call === "delete")).toHaveLength(1);
    expect(logged).toHaveLength(2);
    expect(logged[1]).toMatchObject({
      level: "error",
      message: "It is so",
      fields: { code: "Denied", received: 2, left: "for the dead-letter queue" },
    });
  });

  it("stays when one of its events fails", async () => {
    const queue = memoryQueue();
    queue.send("two");
    await worked(
      queue,
      async () => [done, failed(false)],
      () => queue.calls.includes("receive") && queue.calls.length > 3,
    );
    expect(queue.messages).toHaveLength(1);
  });

  it("is given back at once when the work on it was stopped", async () => {
    const queue = memoryQueue();
    queue.send("one");
    const work = new AbortController();
    const handle = async () => {
      work.abort();
      return [failed(true)];
    };
    await worked(queue, handle, () => queue.calls.includes("hide 0"), { work, visibilityMs: 100_000 });
    expect(queue.calls).toContain("hide 0");
  });

  it("comes again when it could not be deleted", async () => {
    const queue = memoryQueue();
    queue.send("one");
    queue.fail("delete", new PromoterError("Unsupported", "The receipt is too old"));
    let handled = 0;
    const handle = async () => {
      handled += 1;
      return [done];
    };
    const { logged } = await worked(queue, handle, () => queue.messages.length === 0, { visibilityMs: 30 });
    expect(handled).toBe(2);
    expect(logged[0]?.message).toBe("The message will come again: The receipt is too old");
  });
});

describe("a queue", () => {
  it("is worked on by so many at once, and no more", async () => {
    const queue = memoryQueue();
    for (let n = 0; n < 25; n += 1) queue.send(String(n));
    let [running, most] = [0, 0];
    const handle = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return [done];
    };
    await worked(queue, handle, () => queue.messages.length === 0, { atOnce: 4 });
    expect(most).toBe(4);
  });

  it("that is away is asked again, and said to be away meanwhile", async () => {
    const queue = memoryQueue();
    queue.send("one");
    const away = new PromoterError("Network", "Cannot reach it", { temporary: true });
    queue.fail("receive", ...Array.from({ length: 7 }, () => away));
    const { ready, error } = await worked(
      queue,
      async () => [done],
      () => queue.messages.length === 0,
    );
    expect(error).toBeUndefined();
    expect(ready.slice(0, 8)).toEqual([...Array.from({ length: 7 }, () => false), true]);
  });

  it("that cannot be used ends the work, after what has been begun", async () => {
    const queue = memoryQueue();
    queue.send("one");
    let ended = false;
    const denied = new PromoterError("Denied", "No");
    const handle = async () => {
      queue.fail("receive", denied);
      await new Promise((resolve) => setTimeout(resolve, 30));
      ended = true;
      return [done];
    };
    const { error } = await worked(queue, handle, () => false);
    expect(error).toBe(denied);
    expect([ended, queue.messages.length]).toEqual([true, 0]);
  });
});
