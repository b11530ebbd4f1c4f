import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { imagesAtOnce } from "../../job/promotion/plan.ts";
import type { PromotionEvent } from "../../job/promotion/progress.ts";
import { wantedImages } from "../../job/promotion/wanted.ts";
import type { ListTags } from "../../job/replication/listed-images.ts";
import { promoteInBatches } from "../../job/replication/promote-in-batches.ts";
import { image } from "../promotion/memory-image.ts";
import { routes, type World, world } from "../promotion/world.ts";

const count = 650;

function fleet(promoted: World) {
  const names = Array.from({ length: count }, (_, number) => {
    const name = `team/app-${number % 3}`;
    image(promoted.dev.repository(name), { layers: [`layer ${number}`], tag: `1.${number}` });
    return `prod.test/${name}:1.${number}`;
  });
  return wanting(names);
}

function wanting(names: readonly string[]) {
  return wantedImages(
    names.map((name) => ({ reference: parseReference(name) })),
    routes,
    { strict: false },
  );
}

describe("many images", () => {
  it("are all promoted, no more of them decided about than can be worked on", async () => {
    const accounts = world();
    let underway = 0;
    let most = 0;
    const onEvent = ({ type }: PromotionEvent) => {
      if (type === "planned") underway += 1;
      if (type === "finished") underway -= 1;
      most = Math.max(most, underway);
    };
    const wanted = fleet(accounts);
    const context = accounts.context({ onEvent });
    const report = await promoteInBatches(wanted, context);
    expect(report.summary).toMatchObject({ images: count, copied: count, failed: 0 });
    expect(new Set(report.images.map(({ destination }) => destination)).size).toBe(count);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(imagesAtOnce(context));
    const again = await promoteInBatches(wanted, accounts.context());
    expect(again.summary).toMatchObject({ images: count, upToDate: count });
  });

  it("that were not reached when the run was stopped are reported as failed", async () => {
    const accounts = world();
    const stop = new AbortController();
    let finished = 0;
    const onEvent = ({ type }: PromotionEvent) => {
      if (type === "finished") finished += 1;
      if (finished === 600) stop.abort(new PromoterError("Timeout", "Enough", { temporary: true }));
    };
    const report = await promoteInBatches(
      fleet(accounts),
      accounts.context({ onEvent, signal: stop.signal }),
    );
    expect(report.images).toHaveLength(count);
    expect(report.summary.copied).toBeGreaterThanOrEqual(599);
    expect(report.summary.copied + report.summary.failed).toBe(count);
    expect(report.images.at(-1)).toMatchObject({ status: "failed", error: { code: "Timeout" } });
  });
});

describe("listing the destination first", () => {
  it("leaves alone what has its tag, at a page of tags for a repository, and asks about the rest", async () => {
    const accounts = world();
    const old = image(accounts.prod.repository("app"), { layers: ["old"], tag: "1" });
    for (const tag of ["1", "2"]) image(accounts.dev.repository("app"), { layers: [tag], tag });
    image(accounts.dev.repository("fresh"), { layers: ["fresh"], tag: "1" });
    const asked: string[] = [];
    const listTags: ListTags = async function* ({ repository }) {
      asked.push(repository);
      if (repository === "fresh") throw new PromoterError("NameUnknown", "No such repository");
      yield* ["0", "1"];
    };
    const wanted = wanting([
      "prod.test/app:1",
      "prod.test/app:2",
      "prod.test/fresh:1",
      "elsewhere.test/app:1",
    ]);
    const { images } = await promoteInBatches(wanted, accounts.context(), listTags);
    expect(asked.toSorted()).toEqual(["app", "fresh"]);
    const byName = Object.fromEntries(images.map(({ destination, status }) => [destination, status]));
    expect(byName).toEqual({
      "prod.test/app:1": "kept",
      "prod.test/app:2": "copied",
      "prod.test/fresh:1": "copied",
      "elsewhere.test/app:1": "skipped",
    });
    // Nobody asked what it stands for, so it stands for what it did.
    expect((await accounts.prod.repository("app").resolve("1"))?.digest).toBe(old.descriptor.digest);
  });

  it("does not take a tag for a digest", async () => {
    const accounts = world();
    const { descriptor } = image(accounts.dev.repository("app"), { layers: ["new"], tag: "1" });
    image(accounts.prod.repository("app"), { layers: ["old"], tag: "1" });
    const listTags: ListTags = async function* () {
      yield "1";
    };
    const wanted = wanting([`prod.test/app:1@${descriptor.digest}`]);
    const { images } = await promoteInBatches(wanted, accounts.context(), listTags);
    expect(images).toMatchObject([{ status: "copied", digest: descriptor.digest }]);
  });

  it("fails where the destination cannot be listed, before anything is copied", async () => {
    const accounts = world();
    image(accounts.dev.repository("app"), { layers: ["new"], tag: "1" });
    // biome-ignore lint/correctness/useYield: it ends before it has any.
    const listTags: ListTags = async function* () {
      throw new PromoterError("Denied", "May not list");
    };
    await expect(
      promoteInBatches(wanting(["prod.test/app:1"]), accounts.context(), listTags),
    ).rejects.toMatchObject({ code: "Denied" });
    expect(await accounts.prod.repository("app").resolve("1")).toBeUndefined();
  });
});
