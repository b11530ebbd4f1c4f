import { describe, expect, it } from "vitest";
import { PromoterError } from "../../job/error.ts";
import { eventOfError, eventOfReport } from "../../job/kubernetes/event.ts";
import {
  copied,
  digestA,
  digestB,
  failed,
  host,
  image,
  kept,
  report,
  skipped,
  upToDate,
} from "../report/example-report.ts";

const regarding = {
  apiVersion: "batch/v1",
  kind: "Job",
  namespace: "shop",
  name: "promote",
  uid: "u-1",
} as const;
const context = { regarding, instance: "promote-x7k2p" };

describe("eventOfReport", () => {
  it("tells which images were promoted, by digest", () => {
    const retagged = image({ destination: `${host}/web:2@${digestB}`, status: "retagged", digest: digestB });
    expect(eventOfReport(report([copied, retagged, upToDate]), context)).toEqual({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { generateName: "promote-", namespace: "shop" },
      eventTime: "2026-11-21T08:00:01.234000Z",
      type: "Normal",
      reason: "ImagesPromoted",
      action: "Promote",
      note: [
        "3 images: 1 copied, 1 retagged, 1 up to date, 24.1 MiB, 3.0 MiB mounted in 1.2 s",
        `${host}/team/app:1.2.3@${digestA}`,
        `${host}/web:2@${digestB}`,
      ].join("\n"),
      regarding,
      reportingController: "image-promoter",
      reportingInstance: "promote-x7k2p",
    });
  });

  it("tells of failures only, where there are some", () => {
    expect(eventOfReport(report([copied, failed]), context)).toMatchObject({
      type: "Warning",
      reason: "PromotionFailed",
      note: [
        "2 images: 1 copied, 1 failed, 24.1 MiB, 3.0 MiB mounted in 1.2 s",
        `${host}/team/api:9 TagImmutable: Cannot put the tag "9": it is immutable and stands for another image`,
      ].join("\n"),
    });
  });

  it("is silent when nothing was changed", () => {
    expect(eventOfReport(report([upToDate, kept, skipped]), context)).toBeUndefined();
    expect(eventOfReport(report([]), context)).toBeUndefined();
    expect(eventOfReport(report([copied, failed], { kind: "PromotionPlan" }), context)).toBeUndefined();
  });

  it("keeps to the API's limits", () => {
    const many = Array.from({ length: 50 }, (_, number) => ({
      ...copied,
      destination: `${host}/界-${number}:1`,
    }));
    const job = { ...regarding, name: "j".repeat(200) };
    const event = eventOfReport(report(many), { regarding: job, instance: "p".repeat(200) });
    expect(Buffer.byteLength(event?.note ?? "")).toBeLessThanOrEqual(1024);
    expect(event?.note).toMatch(/…$/);
    expect(event?.reportingInstance).toHaveLength(128);
    expect(event?.metadata.generateName).toMatch(/^j{57}-$/);
  });
});

describe("eventOfError", () => {
  it("tells why the promotion did not begin", () => {
    const error = new PromoterError("InvalidConfiguration", "Cannot read promoter.yaml\n");
    expect(eventOfError(error, Date.UTC(2026, 0, 1), context)).toMatchObject({
      type: "Warning",
      reason: "PromotionFailed",
      eventTime: "2026-01-01T00:00:00.000000Z",
      note: "InvalidConfiguration: Cannot read promoter.yaml\\n",
    });
  });
});
