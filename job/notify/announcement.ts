import type { PromoterError } from "../error.ts";
import type { PromotionReport, ReportedError } from "../promotion/report.ts";

/** What is told of a command that could not do its work, for want of a report. */
export interface PromotionFailure {
  readonly apiVersion: "image-promoter/v1";
  readonly kind: "PromotionFailure";
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly error: ReportedError;
}

/** What whoever wants to know is told. */
export type Announcement = PromotionReport | PromotionFailure;

/** @param at milliseconds since the epoch. */
export function failureOf({ code, message, hint, temporary }: PromoterError, at: number): PromotionFailure {
  return {
    apiVersion: "image-promoter/v1",
    kind: "PromotionFailure",
    at: new Date(at).toISOString(),
    error: { code, message, ...(hint !== undefined && { hint }), temporary },
  };
}

/** Whether an announcement is one of those that somebody wants. A failure is a change. */
export function isWanted(announcement: Announcement, when: "always" | "changes" | "failure"): boolean {
  if (when === "always" || announcement.kind === "PromotionFailure") return true;
  const { failed, copied, retagged } = announcement.summary;
  return failed > 0 || (when === "changes" && copied + retagged > 0);
}
