import type { PromoterError } from "../error.ts";
import type { ImageReport, PromotionReport } from "../promotion/report.ts";
import { shortName } from "../report/short-name.ts";
import { summaryLine } from "../report/summary-line.ts";
import { escapeForTerminal } from "../report/terminal-text.ts";
import { cutToBytes } from "../report/utf8.ts";
import type { ObjectReference } from "./regarding.ts";

/** {@link https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/} */
export interface PromotionEventObject {
  readonly apiVersion: "events.k8s.io/v1";
  readonly kind: "Event";
  readonly metadata: { readonly generateName: string; readonly namespace: string };
  /** RFC 3339 with microseconds. */
  readonly eventTime: string;
  readonly type: "Normal" | "Warning";
  readonly reason: "ImagesPromoted" | "PromotionFailed";
  readonly action: "Promote";
  /** At most 1,024 bytes. */
  readonly note: string;
  readonly regarding: ObjectReference;
  readonly reportingController: "image-promoter";
  readonly reportingInstance: string;
}

const maxNoteBytes = 1024;
const maxInstanceLength = 128;
/** What the API server keeps of `generateName`. */
const maxPrefixLength = 58;

export interface EventContext {
  readonly regarding: ObjectReference;
  /** The name of the pod that says so. */
  readonly instance: string;
}

/**
 * The Event for a promotion, or undefined when there is nothing to tell: a plan, and a promotion that neither changed
 * anything nor failed, so that a sync without changes stays silent.
 */
export function eventOfReport(
  report: PromotionReport,
  context: EventContext,
): PromotionEventObject | undefined {
  const { copied, retagged, failed } = report.summary;
  if (report.kind === "PromotionPlan" || copied + retagged + failed === 0) return undefined;
  const told = report.images.filter((image) => failed === 0 || image.error !== undefined);
  const lines = told.flatMap((image) => noteLine(image) ?? []);
  const at = Date.parse(report.startedAt) + report.durationMs;
  return eventOf(context, { at, failed: failed > 0, note: [summaryLine(report), ...lines].join("\n") });
}

/** The Event for a promotion that could not even begin. `at` is in milliseconds since the epoch. */
export function eventOfError(error: PromoterError, at: number, context: EventContext): PromotionEventObject {
  return eventOf(context, { at, failed: true, note: `${error.code}: ${escapeForTerminal(error.message)}` });
}

/** What an Event says. */
export interface Note {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly failed: boolean;
  /** Cut to what an Event may hold. */
  readonly note: string;
}

/** An Event that says this. */
export function eventOf(context: EventContext, { at, failed, note }: Note): PromotionEventObject {
  const { regarding, instance } = context;
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata: {
      // The API server takes no prefix that ends with a dot, though its own clients put one into names of Events.
      generateName: `${regarding.name.slice(0, maxPrefixLength - 1)}-`,
      namespace: regarding.namespace,
    },
    eventTime: new Date(at).toISOString().replace("Z", "000Z"),
    type: failed ? "Warning" : "Normal",
    reason: failed ? "PromotionFailed" : "ImagesPromoted",
    action: "Promote",
    note: cutToBytes(note, maxNoteBytes),
    regarding,
    reportingController: "image-promoter",
    reportingInstance: instance.slice(0, maxInstanceLength),
  };
}

/** What was done with an image, with its whole digest; nothing of an image with which nothing was done. */
function noteLine(image: ImageReport): string | undefined {
  const name = escapeForTerminal(shortName(image));
  if (image.error !== undefined)
    return `${name} ${image.error.code}: ${escapeForTerminal(image.error.message)}`;
  if (image.status !== "copied" && image.status !== "retagged") return undefined;
  return `${name}@${escapeForTerminal(image.digest ?? "")}`;
}
