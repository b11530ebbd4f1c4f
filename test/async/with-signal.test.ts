import { expect, it } from "vitest";
import { withSignal } from "../../job/async/with-signal.ts";

it("gives what the work gives, with a signal and without", async () => {
  expect(await withSignal(Promise.resolve(1), undefined)).toBe(1);
  expect(await withSignal(Promise.resolve(2), new AbortController().signal)).toBe(2);
  await expect(withSignal(Promise.reject(new Error("no")), new AbortController().signal)).rejects.toThrow(
    "no",
  );
});

it("stops waiting with the signal's reason, and leaves the work to others", async () => {
  const work = Promise.withResolvers<number>();
  const controller = new AbortController();
  const waiting = withSignal(work.promise, controller.signal);
  const other = withSignal(work.promise, undefined);
  controller.abort(new Error("stopped"));
  await expect(waiting).rejects.toThrow("stopped");
  await expect(withSignal(work.promise, controller.signal)).rejects.toThrow("stopped");
  work.resolve(3);
  expect(await other).toBe(3);
});

it("warns of nothing, however many wait", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => void warnings.push(warning);
  process.on("warning", listen);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 200 }, () => withSignal(Promise.resolve(), signal)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});
