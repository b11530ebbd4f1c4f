import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { type EventPromoterOptions, eventPromoter } from "../../job/events/event-promoter.ts";
import type { EventReport } from "../../job/events/event-report.ts";
import type { Digest } from "../../job/oci/digest.ts";
import type { WantedImage } from "../../job/promotion/image.ts";
import { imageReport } from "../../job/promotion/image-report.ts";
import type { ImageReport } from "../../job/promotion/report.ts";
import { devHost, prodHost } from "../scenarios/two-accounts.ts";
import { pushEvent } from "./push-event.ts";

const routes = [{ to: { host: prodHost, prefix: "" }, from: [{ host: devHost, prefix: "" }] }];
const digestOf = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const [old, newer] = [digestOf("1"), digestOf("2")];

type Step = (image: WantedImage) => Partial<ImageReport> & Pick<ImageReport, "status">;

/** Promotions as they are told, one after the other, and what the source's tag stands for each time it is asked. */
function promoter(steps: readonly Step[], tags: readonly (Digest | undefined | Error)[] = []) {
  const promoted: WantedImage[] = [];
  const options: EventPromoterOptions = {
    routes,
    rules: [],
    atOnce: 4,
    async promote(image) {
      promoted.push(image);
      const step = steps[promoted.length - 1] ?? steps.at(-1);
      return imageReport(image, step?.(image) ?? { status: "up-to-date", digest: old });
    },
    async resolve() {
      const [answer] = [tags[Math.min(promoted.length, tags.length) - 1]];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  const handle = eventPromoter(options);
  return {
    promoted,
    handle: async (event: object): Promise<EventReport | undefined> =>
      (await handle(JSON.stringify(event)))[0],
  };
}

const copied =
  (digest: Digest): Step =>
  () => ({ status: "copied", digest });

describe("an event", () => {
  it("has promoted what the tag stands for by now, by its name", async () => {
    const { handle, promoted } = promoter([copied(old)], [old]);
    const report = await handle(pushEvent({ id: "e1", digest: old }));
    expect(promoted).toMatchObject([
      {
        destination: { host: prodHost, repository: "team/app", tag: "1" },
        sources: [{ host: devHost, repository: "team/app", tag: "1" }],
        origin: "event e1",
      },
    ]);
    expect(promoted[0]?.destination.digest).toBeUndefined();
    expect(report).toMatchObject({ kind: "EventReport", event: "e1", outcome: "promoted" });
    expect(report?.reason).toBeUndefined();
  });

  it("that comes late moves no tag back, and says what it found", async () => {
    const { handle } = promoter([() => ({ status: "up-to-date", digest: newer })]);
    expect(await handle(pushEvent({ digest: old }))).toMatchObject({
      outcome: "up-to-date",
      reason: `The tag stands for another image by now: ${newer}`,
    });
  });

  it("follows a tag that moves while it is promoted", async () => {
    const { handle, promoted } = promoter([copied(old), copied(newer)], [newer, newer]);
    const report = await handle(pushEvent({ digest: old }));
    expect(promoted).toHaveLength(2);
    expect(report).toMatchObject({ outcome: "promoted", images: [{ digest: newer, status: "copied" }] });
  });

  it("gives up following a tag that never rests", async () => {
    const { handle, promoted } = promoter([copied(old)], [newer]);
    expect(await handle(pushEvent({ digest: old }))).toMatchObject({ outcome: "promoted" });
    expect(promoted).toHaveLength(5);
  });

  const unknown = { code: "ManifestUnknown", message: "gone", temporary: false } as const;
  it.each<[string, Step]>([
    ["there is nothing of it", () => ({ status: "failed", error: unknown })],
    ["an older one is kept", () => ({ status: "kept", digest: old })],
  ])("is ignored when the source does not have the tag any more, and %s", async (_, step) => {
    const { handle } = promoter([step], [undefined]);
    expect(await handle(pushEvent())).toMatchObject({
      outcome: "ignored",
      reason: "The source does not have the tag any more",
    });
  });

  it("has failed when what is there was kept because the source cannot be asked", async () => {
    const away = new PromoterError("Network", "Cannot reach it", { temporary: true });
    const { handle } = promoter([() => ({ status: "kept", digest: old })], [away]);
    expect(await handle(pushEvent())).toMatchObject({
      outcome: "failed",
      images: [{ status: "failed", error: { code: "Network", temporary: true } }],
    });
  });

  it("has failed for now when the source has a newer one each time that an older one was kept", async () => {
    const { handle } = promoter([() => ({ status: "kept", digest: old })], [newer]);
    expect(await handle(pushEvent({ digest: newer }))).toMatchObject({
      outcome: "failed",
      images: [{ status: "failed", error: { code: "Unavailable", temporary: true } }],
    });
  });

  it("has failed when the source has the tag, and part of its image is missing", async () => {
    const { handle } = promoter([() => ({ status: "failed", error: unknown })], [old]);
    expect(await handle(pushEvent())).toMatchObject({ outcome: "failed", images: [{ error: unknown }] });
  });

  it.each([
    ["no route begins there", pushEvent({ account: "333333333333" }), "No route begins at this repository"],
    [
      "it is a signature",
      pushEvent({ tag: `sha256-${"a".repeat(64)}.sig` }),
      "Signatures and referrers go along with their image",
    ],
  ])("is ignored when %s", async (_, event, reason) => {
    const { handle, promoted } = promoter([copied(old)]);
    expect(await handle(event)).toMatchObject({ outcome: "ignored", reason, images: [] });
    expect(promoted).toEqual([]);
  });

  it("that cannot be read has failed for good", async () => {
    const { handle } = promoter([copied(old)]);
    expect(await handle({ hello: "world" })).toMatchObject({
      outcome: "failed",
      error: { code: "InvalidInput", temporary: false },
    });
  });
});
