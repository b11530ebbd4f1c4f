import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { pushEvent } from "../events/push-event.ts";
import { startListening } from "../events/running-on-push.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { prodAccount, twoAccounts } from "./two-accounts.ts";

const perSecond = 100;
const seconds = 3;
/** Tags that are pushed once, and those that are pushed again and again meanwhile. */
const [still, moving] = [25, 5];

/** Numbers in a row that is always the same. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe("100 events a second, with duplicates and out of order", { timeout: 180_000 }, () => {
  it("promote each image once, and every tag ends where its last push put it", async () => {
    await using world = await twoAccounts();
    const random = dice(7);
    const dev = world.dev("team/app");
    const prod = world.prod("team/app");
    const images = Array.from({ length: still }, (_, seed) => image({ seed: seed + 1, layers: [200] }));
    for (const [n, fixture] of images.entries()) placeImage(dev, fixture, { tags: [`still-${n}`] });
    /** What each tag stood for, one after the other. */
    const history = new Map<string, string[]>();
    const events: (() => object)[] = images.map(
      (fixture, n) => () => pushEvent({ tag: `still-${n}`, digest: rootDigest(fixture) }),
    );
    const total = perSecond * seconds;
    let [seed, duplicates, late] = [1_000, 0, 0];
    const sent: object[] = [];
    const waiting: object[] = [];
    const nextEvent = (): object => {
      const chance = random();
      const fresh = events.shift();
      if (fresh !== undefined && chance < 0.15) {
        const event = fresh();
        sent.push(event);
        return event;
      }
      if (fresh !== undefined) events.unshift(fresh);
      const [held] = waiting;
      if (held !== undefined && chance < 0.25) {
        late += 1;
        waiting.shift();
        sent.push(held);
        return held;
      }
      const known = sent[Math.floor(random() * sent.length)];
      if (known !== undefined && chance < 0.85) {
        duplicates += 1;
        return known;
      }
      const tag = `moving-${Math.floor(random() * moving)}`;
      const fixture = placeImage(dev, image({ seed, layers: [200] }), { tags: [tag] });
      seed += 1;
      history.set(tag, [...(history.get(tag) ?? []), rootDigest(fixture)]);
      const event = pushEvent({ tag, digest: rootDigest(fixture) });
      // Some are delivered only after what was pushed behind them.
      if (random() < 0.3 && waiting.length < 20) {
        waiting.push(event);
        return nextEvent();
      }
      sent.push(event);
      return event;
    };

    const program = await startListening(world, ["--at-once", "16"]);
    const begun = performance.now();
    const answers: Promise<number>[] = [];
    const deliver = async (event: object): Promise<number> => {
      // Who is told to come back comes back later each time, as EventBridge does.
      for (let waitMs = 500; ; waitMs = Math.min(5_000, waitMs * 2)) {
        const { status } = await program.post(event);
        if (status === 200) return status;
        if (status !== 503 && status !== 429) throw new Error(`answered ${status}`);
        await delay(waitMs * (0.5 + random()));
      }
    };
    while (answers.length < total) {
      const due = Math.min(total, Math.ceil(((performance.now() - begun) / 1000) * perSecond));
      while (answers.length < due) answers.push(deliver(nextEvent()));
      await delay(5);
    }
    const sentAfterMs = performance.now() - begun;
    for (const left of [...waiting, ...events.map((make) => make())]) answers.push(deliver(left));
    await Promise.all(answers);
    const doneAfterMs = performance.now() - begun;
    program.stop();
    const { code, reports } = await program.ended;
    expect(code).toBe(0);

    const puts = new Map<string, number>();
    for (const { kind, path, method, host, status } of world.emulator.requests) {
      const tag = /\/manifests\/((?:still|moving)-\d+)$/.exec(path)?.[1];
      if (kind !== "manifest-put" || method !== "PUT" || tag === undefined || status >= 300) continue;
      expect(host).toContain(prodAccount);
      puts.set(tag, (puts.get(tag) ?? 0) + 1);
    }
    // Each image that was pushed once was promoted once, whatever the number of its events.
    for (let n = 0; n < still; n += 1) expect([n, puts.get(`still-${n}`)]).toEqual([n, 1]);
    for (const [tag, digests] of history) {
      expect([tag, prod.imageTags.get(tag)]).toEqual([tag, digests.at(-1)]);
      expect(puts.get(tag)).toBeLessThanOrEqual(digests.length);
    }
    expect(prod.imageTags.size).toBe(dev.imageTags.size);
    // Whatever was put under a moving tag came in the order of the pushes: none went back.
    for (const [tag, digests] of history) {
      const promoted = reports.flatMap(({ images: done }) =>
        done.flatMap((each) =>
          each.destination.endsWith(`:${tag}`) && each.status === "copied" ? [each.digest ?? ""] : [],
        ),
      );
      const order = [...new Set(promoted)].map((digest) => digests.indexOf(digest));
      expect(order.length).toBeGreaterThan(0);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
    expect(reports.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    const promotions = [...puts.values()].reduce((sum, count) => sum + count, 0);
    console.log(
      `events: ${answers.length} (${duplicates} again, ${late} late) in ${(sentAfterMs / 1000).toFixed(1)} s, ` +
        `${(answers.length / (sentAfterMs / 1000)).toFixed(0)}/s; ${puts.size} tags by ${promotions} promotions, ` +
        `all done ${((doneAfterMs - sentAfterMs) / 1000).toFixed(1)} s after the last`,
    );
  });
});
