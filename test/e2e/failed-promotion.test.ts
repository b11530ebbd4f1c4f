import { expect, it } from "vitest";
import { SyncFailed, sync } from "./argocd-sync.ts";
import { renderChart } from "./chart.ts";
import { endOfJob } from "./job.ts";
import { until, useNamespace } from "./namespace.ts";
import { describeInCluster } from "./world.ts";

interface EventObject {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly regarding: { readonly kind: string; readonly name: string; readonly uid: string };
}

describeInCluster("a promotion that fails", (world) => {
  const namespace = useNamespace("failed");

  it("ends the sync at once where an image is nowhere, and says everywhere why", async () => {
    const { name } = namespace();
    const image = `${world.destination}/${name}/shop:9.9.9`;
    const manifests = await renderChart(world, name, { images: [image], job: { backoffLimit: 6 } });

    await expect(sync(namespace(), manifests)).rejects.toThrow(SyncFailed);

    const [found] = await namespace().list<{ metadata: { name: string } }>("jobs");
    const job = await endOfJob(namespace(), found?.metadata.name ?? "");
    expect(job.condition).toMatchObject({ type: "Failed", reason: "PodFailurePolicy" });
    expect(job.condition.message).toMatch(
      /^Container promoter for pod .* failed with exit code 4 matching FailJob rule/,
    );
    // Six retries, of which the first alone begins after ten seconds, would have taken minutes.
    expect(job.seconds).toBeLessThan(30);
    expect(job.pods).toEqual([expect.objectContaining({ exitCode: 4 })]);
    expect(job.pods[0]?.message).toMatch(/^FAILED .*shop:9\.9\.9 ManifestUnknown: /);
    expect(job.pods[0]?.message).toContain(world.source);

    const event = await until("an Event on the Job", async () => {
      const events = await namespace().list<EventObject>("events.events.k8s.io");
      return events.find(({ reason }) => reason === "PromotionFailed");
    });
    expect(event).toMatchObject({
      type: "Warning",
      regarding: { kind: "Job", name: job.name, uid: job.uid },
      note: expect.stringContaining("ManifestUnknown"),
    });
    expect(await namespace().kubectl(["describe", "job", job.name])).toMatch(/Warning +PromotionFailed /);
  });

  it("ends the sync at its deadline where the pod cannot start", async () => {
    const values = { image: { repository: "nowhere" }, job: { activeDeadlineSeconds: 5 } };
    const manifests = await renderChart(world, namespace().name, values);
    await expect(sync(namespace(), manifests)).rejects.toThrow(/active longer than specified deadline/);
  });
});
