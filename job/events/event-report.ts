import type { ImageReport, ReportedError } from "../promotion/report.ts";

/** What came of an event; printed as one line of JSON. */
export interface EventReport {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "EventReport";
  /** EventBridge's id; absent when there is none to read. */
  readonly event?: string;
  /** When it happened, as the event says. */
  readonly time?: string;
  /** What was pushed: name, tag and the digest of that moment. */
  readonly source?: string;
  readonly outcome: EventOutcome;
  /** Why it was ignored, or what is odd about what was done. */
  readonly reason?: string;
  /** The destinations, each with what was done there. */
  readonly images: readonly ImageReport[];
  /** Why nothing could be done; the errors of single images stand with them. */
  readonly error?: ReportedError;
}

/** `up-to-date`: what was pushed was at its destinations already. */
export type EventOutcome = "promoted" | "up-to-date" | "ignored" | "failed";

export function eventReport(
  known: Omit<EventReport, "apiVersion" | "kind" | "images"> & Partial<EventReport>,
) {
  const report: EventReport = { apiVersion: "image-promoter/v1", kind: "EventReport", images: [], ...known };
  return report;
}

/** What went wrong about an event, at whatever destination. */
export function errorsOf({ error, images }: EventReport): readonly ReportedError[] {
  return [...(error === undefined ? [] : [error]), ...images.flatMap((image) => image.error ?? [])];
}
