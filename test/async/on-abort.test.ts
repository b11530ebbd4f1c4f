import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { onAbort } from "../../job/async/on-abort.ts";

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

it("calls each listener once", () => {
  const called: string[] = [];
  const controller = new AbortController();
  onAbort(controller.signal, () => called.push("one"));
  onAbort(controller.signal, () => called.push("two"));
  controller.abort();
  controller.abort();
  expect(called).toEqual(["one", "two"]);
});

it("does not call what was taken away, not even by another listener", () => {
  const called: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  onAbort(signal, () => called.push("one"))();
  onAbort(signal, () => {
    called.push("two");
    stop();
  });
  const stop = onAbort(signal, () => called.push("three"));
  controller.abort();
  expect(called).toEqual(["two"]);
});

it("listens to the signal once, and no longer than anybody does", () => {
  const { signal } = new AbortController();
  const stops = [1, 2, 3].map(() => onAbort(signal, () => undefined));
  expect(listenersOf(signal)).toBe(1);
  for (const stop of stops) stop();
  expect(listenersOf(signal)).toBe(0);
  const [first] = stops;
  const again = onAbort(signal, () => undefined);
  // One that has stopped already has nothing to stop.
  first?.();
  expect(listenersOf(signal)).toBe(1);
  again();
  expect(listenersOf(signal)).toBe(0);
});

it("leaves nothing behind after the abort", () => {
  const controller = new AbortController();
  const stop = onAbort(controller.signal, () => undefined);
  controller.abort();
  stop();
  const late = onAbort(controller.signal, () => expect.unreachable());
  late();
  expect(listenersOf(controller.signal)).toBe(0);
});

it("is content with no signal", () => {
  onAbort(undefined, () => expect.unreachable())();
});
