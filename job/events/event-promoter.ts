import { Semaphore } from "../async/semaphore.ts";
import { asPromoterError, PromoterError } from "../error.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { WantedImage } from "../promotion/image.ts";
import { imageReport, reportedError } from "../promotion/image-report.ts";
import type { ImageReport } from "../promotion/report.ts";
import { isCompanionTag } from "../replication/rule.ts";
import { destinationsOf, type Ways } from "./destinations.ts";
import { eventDocuments } from "./event-documents.ts";
import { type EventOutcome, type EventReport, eventReport } from "./event-report.ts";
import { type PushEvent, readImageEvent } from "./image-event.ts";
import { TagRuns } from "./tag-runs.ts";

export interface EventPromoterOptions extends Ways {
  /** How many images are promoted at the same time. */
  readonly atOnce: number;
  /** Sees that one image is at its destination. Never rejects. */
  promote(image: WantedImage): Promise<ImageReport>;
  /** Asks a source what a tag stands for; undefined when it has none. */
  resolve(source: Reference): Promise<Digest | undefined>;
}

/** What is done about one text with events: a report of each, of which none is a rejection. */
export type HandleEvents = (text: string) => Promise<readonly EventReport[]>;

/**
 * Promotes what events tell of. An event says that a tag has changed; what it stands for by now is asked of the source,
 * so that neither order nor number of events matters, and a tag never goes back to what it stood for before.
 */
export function eventPromoter(options: EventPromoterOptions): HandleEvents {
  const limit = new Semaphore(options.atOnce);
  const runs = new TagRuns<ImageReport>();
  const promote: PromoteOne = (destination, event, isAnswer) =>
    runs.run(formatReference(destination), isAnswer, () =>
      limit.run(() =>
        promoteNewest({ destination, sources: [event.source], origin: `event ${event.id}` }, options),
      ),
    );
  return async (text) => {
    let documents: readonly unknown[];
    try {
      documents = eventDocuments(text);
    } catch (error) {
      return [eventReport({ outcome: "failed", error: reportedError(error) })];
    }
    return Promise.all(documents.map((document) => handle(document, options, promote)));
  };
}

type PromoteOne = (
  destination: Reference,
  event: PushEvent,
  isAnswer: (result: ImageReport) => boolean,
) => Promise<ImageReport>;

async function handle(
  document: unknown,
  options: EventPromoterOptions,
  promote: PromoteOne,
): Promise<EventReport> {
  try {
    const event = readImageEvent(document);
    if (event.kind === "push") return await handlePush(event, options, promote);
    const { id, reason } = event;
    return eventReport({ ...(id !== undefined && { event: id }), outcome: "ignored", reason });
  } catch (error) {
    return eventReport({ outcome: "failed", error: reportedError(error) });
  }
}

async function handlePush(
  event: PushEvent,
  options: EventPromoterOptions,
  promote: PromoteOne,
): Promise<EventReport> {
  const { id, time, source, digest } = event;
  const known = {
    event: id,
    ...(time !== undefined && { time }),
    source: formatReference({ ...source, digest }),
  };
  const ignored = (reason: string) => eventReport({ ...known, outcome: "ignored", reason });
  if (isCompanionTag(source.tag)) return ignored("Signatures and referrers go along with their image");
  const { routed, destinations } = destinationsOf(source, options);
  if (!routed) return ignored("No route begins at this repository");
  if (destinations.length === 0) return ignored("No rule admits it");
  const images = await Promise.all(
    destinations.map((destination) =>
      promote(destination, event, (result) => result.status !== "failed" && result.digest === digest),
    ),
  );
  if (images.every(({ status }) => status === "skipped")) return ignored(goneReason);
  const moved = images.find((image) => image.digest !== undefined && image.digest !== digest);
  return eventReport({
    ...known,
    outcome: outcomeOf(images),
    ...(moved && { reason: `The tag stands for another image by now: ${moved.digest}` }),
    images,
  });
}

const goneReason = "The source does not have the tag any more";

/** How often to follow a tag that moves while it is promoted. */
const mostRounds = 5;

/**
 * Promotes what the source's tag stands for, and looks at the source again afterwards: another promoter, which looked
 * later, may have put a newer image there meanwhile that ours has replaced.
 */
async function promoteNewest(image: WantedImage, options: EventPromoterOptions): Promise<ImageReport> {
  let done: ImageReport | undefined;
  try {
    for (let round = 1; round <= mostRounds; round += 1) {
      const report = gathered(await options.promote(image), done);
      if (report.status === "up-to-date") return report;
      const [source] = image.sources ?? [];
      const newest = source && (await options.resolve(source));
      if (newest === undefined && isWithoutSource(report)) return imageReport(image, { status: "skipped" });
      if (report.status === "failed" || newest === undefined || newest === report.digest) return report;
      done = report;
    }
    if (done?.status === "kept") throw unread(image);
    return done ?? imageReport(image, { status: "skipped" });
  } catch (error) {
    return imageReport(image, { status: "failed", error: reportedError(asPromoterError(error)) });
  }
}

/** The source told of a newer image whenever it was asked afterwards, and of none while it was to be promoted. */
function unread({ destination }: WantedImage): PromoterError {
  return new PromoterError(
    "Unavailable",
    `Cannot promote ${formatReference(destination)}: its source answered only sometimes`,
    {
      side: "source",
      temporary: true,
      hint: "See that the source's registry answers; the event may come again",
    },
  );
}

/** Neither `kept` nor a lack of the image is a success before it is known that the source does not have it. */
function isWithoutSource({ status, error }: ImageReport): boolean {
  return status === "kept" || error?.code === "ManifestUnknown";
}

/** What several rounds have done, as one. */
function gathered(report: ImageReport, before: ImageReport | undefined): ImageReport {
  if (before === undefined) return report;
  return {
    ...report,
    status: report.status === "up-to-date" ? before.status : report.status,
    bytesCopied: before.bytesCopied + report.bytesCopied,
    bytesMounted: before.bytesMounted + report.bytesMounted,
  };
}

function outcomeOf(images: readonly ImageReport[]): EventOutcome {
  if (images.some(({ status }) => status === "failed")) return "failed";
  return images.some(({ status }) => status === "copied" || status === "retagged")
    ? "promoted"
    : "up-to-date";
}
