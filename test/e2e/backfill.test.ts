import { expect, it } from "vitest";
import { renderBackfill } from "../../job/render/backfill.ts";
import type { BackfillOptions } from "../../job/render/backfill-values.ts";
import { asDocuments } from "../../job/render/rendered-file.ts";
import { objectsOf, only } from "../chart/helm.ts";
import { digestOfImage } from "./app-image.ts";
import { destinationOf, promotionValues } from "./chart.ts";
import { endOfJob } from "./job.ts";
import { useNamespace } from "./namespace.ts";
import { describeInCluster, releases } from "./world.ts";

interface IndexedJob {
  readonly status: { readonly completedIndexes?: string; readonly failedIndexes?: string };
}

describeInCluster("a backfill", (world) => {
  const namespace = useNamespace("backfill");

  it("moves every image by an Indexed Job, each pod its share", async () => {
    const images = releases.map((release) => `${destinationOf(world, namespace().name)}/${release}`);
    const job = await run({ name: "move", work: { images } });
    expect(job).toMatchObject({ condition: { type: "Complete" } });
    expect(job.pods.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect((await statusOf(job.name)).completedIndexes).toBe("0-2");
    for (const [position, image] of images.entries()) {
      const source = await digestOfImage(`${world.source}/${releases[position]}`);
      expect(source).toBeDefined();
      expect(await digestOfImage(image), image).toBe(source);
    }
  });

  it("gives up the shard of an image that is nowhere, does the others, and fails in the end", async () => {
    const present = releases.map(
      (release) => `${destinationOf(world, `${namespace().name}/again`)}/${release}`,
    );
    const absent = `${destinationOf(world, `${namespace().name}/again`)}/shop/web:9.9.9`;
    const job = await run({ name: "again", work: { images: [...present, absent] } });
    expect(job.condition).toMatchObject({ type: "Failed", reason: "FailedIndexes" });
    const { completedIndexes = "", failedIndexes = "" } = await statusOf(job.name);
    expect(failedIndexes).toMatch(/^[0-2]$/);
    expect(completedIndexes).toMatch(/^(0,1|0,2|1,2|0-1|1-2)$/);
    // What trying again cannot help is tried once.
    expect(job.pods).toHaveLength(3);
    for (const image of present) expect(await digestOfImage(image), image).toBeDefined();
  });

  async function run(changes: Pick<BackfillOptions, "name" | "work">) {
    const { name } = namespace();
    const prefix = changes.name === "again" ? `${name}/again` : name;
    const files = renderBackfill(promotionValues(world, prefix), {
      namespace: name,
      completions: 3,
      parallelism: 2,
      shardBy: "image",
      backoffLimitPerIndex: 1,
      missingOnly: false,
      ecrQuotas: new Map(),
      ...changes,
    });
    const documents = asDocuments(files);
    await namespace().kubectl(["apply", "-f", "-"], { input: documents });
    return await endOfJob(namespace(), only(objectsOf(documents), "Job").metadata.name);
  }

  async function statusOf(job: string): Promise<IndexedJob["status"]> {
    return (await namespace().get<IndexedJob>("job", job))?.status ?? {};
  }
});
