import type { Clock } from "../async/clock.ts";
import { rest } from "../async/rest.ts";
import { backoffMs, type RetryPolicy } from "../async/retry.ts";
import type { Log } from "../log.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import type { Ensured, OnDemand } from "./on-demand.ts";

/** A pod that waits for images. */
export interface WaitingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface PodWishesOptions {
  readonly onDemand: Pick<OnDemand, "ensure">;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends all waiting; promotions go on. */
  readonly signal: AbortSignal;
  /** Told what came of an image that pods wait for, once for each outcome. */
  readonly announce: (pods: readonly WaitingPod[], outcome: Ensured, image: string) => void;
  /** Milliseconds until an image is looked for: pods of one rollout come one after the other. Default 200. */
  readonly gatherMs?: number;
  /** Images that are looked after at the most. Default 5,000. */
  readonly most?: number;
}

interface Wish {
  readonly image: Reference;
  readonly name: string;
  /** By their uid. */
  readonly pods: Map<string, WaitingPod>;
  /** Aborted when another pod comes, for somebody may have mended what was wrong; and when the last one goes. */
  resting: AbortController;
}

/** Looks again after a failure that may pass, after one that will not unless somebody acts, and for what is there. */
const temporaryPolicy = { attempts: 1, baseMs: 5_000, maxMs: 5 * 60_000 };
const lastingPolicy = { attempts: 1, baseMs: 60_000, maxMs: 30 * 60_000 };
/** The kubelet asks again within five minutes. */
const presentPolicy = { attempts: 1, baseMs: 60_000, maxMs: 10 * 60_000 };
/** However many pods come. */
const leastRestMs = 3_000;

/** Which pods wait for which images, and one who looks after each image for as long as any pod waits for it. */
export class PodWishes {
  readonly #options: PodWishesOptions;
  readonly #wishes = new Map<string, Wish>();
  readonly #caring = new Set<Promise<void>>();
  /** The names of the images that a pod waits for, by its uid. */
  readonly #pods = new Map<string, readonly string[]>();

  constructor(options: PodWishesOptions) {
    this.#options = options;
  }

  /** Images that pods wait for. */
  get size(): number {
    let size = 0;
    for (const { pods } of this.#wishes.values()) if (pods.size > 0) size += 1;
    return size;
  }

  /** The pods that wait, by their uids. */
  get pods(): Iterable<string> {
    return this.#pods.keys();
  }

  /** Says what a pod waits for now, and thereby that it waits for nothing else any more. */
  wants(pod: WaitingPod, images: readonly Reference[]): void {
    const wanted = new Map(images.map((image) => [formatReference(image), image]));
    for (const name of this.#pods.get(pod.uid) ?? []) {
      if (!wanted.has(name)) this.#release(name, pod.uid);
    }
    if (wanted.size === 0) this.#pods.delete(pod.uid);
    else this.#pods.set(pod.uid, [...wanted.keys()]);
    for (const [name, image] of wanted) {
      const wish = this.#wish(name, image);
      if (!wish.pods.has(pod.uid)) wish.resting.abort();
      wish.pods.set(pod.uid, pod);
    }
  }

  /** Says that a pod waits no more, or is gone. */
  forget(uid: string): void {
    for (const name of this.#pods.get(uid) ?? []) this.#release(name, uid);
    this.#pods.delete(uid);
  }

  #release(name: string, uid: string): void {
    const wish = this.#wishes.get(name);
    wish?.pods.delete(uid);
    if (wish?.pods.size === 0) wish.resting.abort();
  }

  /** Resolves when nobody looks after anything any more: some time after the signal was aborted. */
  async settled(): Promise<void> {
    while (this.#caring.size > 0) await Promise.all(this.#caring);
  }

  #wish(name: string, image: Reference): Wish {
    const known = this.#wishes.get(name);
    if (known !== undefined) return known;
    const wish: Wish = { image, name, pods: new Map(), resting: new AbortController() };
    const { most = 5_000, log } = this.#options;
    if (this.#wishes.size >= most) {
      log.warn({ image: name, most }, "Pods wait for too many images: one is not looked after");
      return wish;
    }
    this.#wishes.set(name, wish);
    const caring = this.#care(wish).finally(() => this.#caring.delete(caring));
    this.#caring.add(caring);
    return wish;
  }

  async #care(wish: Wish): Promise<void> {
    const { onDemand, clock, signal, gatherMs = 200 } = this.#options;
    const told = new Set<string>();
    let before: RetryPolicy | undefined;
    let alike = 0;
    try {
      await this.#rest(gatherMs);
      while (wish.pods.size > 0 && !signal.aborted) {
        const origin = originOf(wish);
        wish.resting = new AbortController();
        const outcome = await onDemand
          .ensure(wish.image, { origin, fresh: true, signal })
          .catch(() => undefined);
        if (outcome === undefined || outcome.status === "unrouted") return;
        if (outcome.status === "promoted") told.clear();
        if (!told.has(wordOf(outcome))) this.#tell(wish, outcome);
        told.add(wordOf(outcome));
        const policy = policyOf(outcome);
        alike = policy === before ? alike + 1 : 1;
        before = policy;
        const restMs = backoffMs(alike, { ...policy, clock });
        await this.#rest(Math.min(leastRestMs, restMs));
        if (restMs > leastRestMs) await this.#rest(restMs - leastRestMs, wish.resting.signal);
      }
    } finally {
      // In the same breath as the last look at its pods: one that came in between would be heard by nobody.
      this.#wishes.delete(wish.name);
    }
  }

  #tell(wish: Wish, outcome: Ensured): void {
    const { log, announce } = this.#options;
    const fields = { image: wish.name, pods: wish.pods.size, origin: originOf(wish) };
    if (outcome.status === "promoted") log.info(fields, "Promoted an image that pods wait for");
    else if (outcome.status === "present")
      log.info(fields, "The image is there: the node will pull it, or says itself why it cannot");
    else if (outcome.status === "failed") {
      const { code, message, hint } = outcome.error;
      log.warn({ ...fields, code, hint }, `Cannot promote an image that pods wait for: ${message}`);
    }
    announce([...wish.pods.values()], outcome, wish.name);
  }

  #rest(ms: number, cut?: AbortSignal): Promise<void> {
    const { clock, signal } = this.#options;
    return rest(ms, clock, cut === undefined ? signal : AbortSignal.any([signal, cut]));
  }
}

function policyOf(outcome: Ensured): RetryPolicy {
  if (outcome.status !== "failed") return presentPolicy;
  return outcome.error.temporary ? temporaryPolicy : lastingPolicy;
}

function wordOf(outcome: Ensured): string {
  return outcome.status === "failed" ? outcome.error.code : outcome.status;
}

function originOf({ pods }: Wish): string {
  const [first] = pods.values();
  if (first === undefined) return "Pod";
  const more = pods.size > 1 ? ` and ${pods.size - 1} more` : "";
  return `Pod ${first.namespace}/${first.name}${more}`;
}
