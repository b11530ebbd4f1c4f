import type { Clock } from "../async/clock.ts";
import { Semaphore } from "../async/semaphore.ts";
import { withSignal } from "../async/with-signal.ts";
import { PromoterError } from "../error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { formatReference, type Reference } from "../oci/reference.ts";
import { reportedError } from "../promotion/image-report.ts";
import type { PromoteImage } from "../promotion/promote.ts";
import type { ImageReport, ReportedError } from "../promotion/report.ts";
import { type Route, routeImage } from "../promotion/route.ts";
import { KnownImages } from "./known-images.ts";

/** What is known of an image that somebody wants to run. */
export type Ensured =
  /** It was at its destination. */
  | { readonly status: "present"; readonly digest: Digest }
  /** It is there by now. */
  | { readonly status: "promoted"; readonly digest: Digest; readonly report: ImageReport }
  /** No route leads to it: it is not ours. */
  | { readonly status: "unrouted" }
  /** It is not there, or nobody can say whether it is. */
  | { readonly status: "failed"; readonly error: ReportedError; readonly report?: ImageReport };

export interface EnsureOptions {
  /** Ends the waiting, not the promotion, which goes on for others and for the next who asks. */
  readonly signal?: AbortSignal;
  /** Who asks, for the log and the report: `Pod shop/web-5d8`. */
  readonly origin?: string;
  /** Do not believe what is remembered: the image could not be pulled. */
  readonly fresh?: boolean;
}

/** Promotes images when somebody wants to run them. */
export interface OnDemand {
  /**
   * Sees that an image is at its destination: looks whether it is, and promotes it where it is missing, once however
   * many ask at the same time. A tag that is there is left as it is, whatever its source says. Rejects only with the
   * reason of an aborted signal.
   */
  ensure(image: Reference, options?: EnsureOptions): Promise<Ensured>;
  /** Looks whether an image is at its destination, and promotes nothing. Rejects as `ensure`. */
  look(image: Reference, options?: EnsureOptions): Promise<Ensured>;
  /** What an image that was found a short while ago stands for. Asks nobody. */
  known(image: Reference): Digest | undefined;
  /** Whether an image was found at its destination a short while ago. Asks nobody. */
  isKnown(image: Reference): boolean;
  /** How much there is of everything, for whoever measures. */
  readonly state: OnDemandState;
}

export interface OnDemandState {
  /** Images that are being looked for or promoted, or wait for that. */
  readonly underWay: number;
  /** Images that are being promoted. */
  readonly promoting: number;
  /** Images that are remembered to be there. */
  readonly known: number;
}

export interface OnDemandOptions {
  readonly routes: readonly Route[];
  readonly clock: Clock;
  /** Asks a destination what it has; undefined when it does not have the image. */
  readonly resolve: (destination: Reference, signal: AbortSignal) => Promise<Digest | undefined>;
  /** Promotes one image. Never rejects. */
  readonly promote: PromoteImage;
  /** Images that are promoted at the same time. */
  readonly atOnce: number;
  /** Images that may be under way, to be promoted and again to be looked for; who asks for more is told to come back. */
  readonly most: number;
  /** Milliseconds for which the answer that an image is there is believed. */
  readonly ttlMs: number;
  /** Ends all work. */
  readonly signal: AbortSignal;
  /** Told of each question whether it could be answered from memory, and of each promotion that ended. */
  readonly observe?: OnDemandObserver;
}

export interface OnDemandObserver {
  readonly asked?: (known: boolean) => void;
  readonly promoted?: (report: ImageReport, durationMs: number) => void;
}

/** The most images that are remembered: some hundred bytes each. */
const mostKnown = 20_000;

/** Begins to take wishes. */
export function openOnDemand(options: OnDemandOptions): OnDemand {
  return new Wishes(options);
}

type Kind = "ensure" | "look";

class Wishes implements OnDemand {
  readonly #options: OnDemandOptions;
  readonly #known: KnownImages;
  readonly #limit: Semaphore;
  /** Each kind by itself: who only looks is not kept out by those who promote. */
  readonly #underWay = {
    ensure: new Map<string, Promise<Ensured>>(),
    look: new Map<string, Promise<Ensured>>(),
  };
  #promoting = 0;

  constructor(options: OnDemandOptions) {
    const { clock, ttlMs, atOnce } = options;
    this.#options = options;
    this.#known = new KnownImages({ clock, ttlMs, most: mostKnown });
    this.#limit = new Semaphore(atOnce);
  }

  get state(): OnDemandState {
    const { ensure, look } = this.#underWay;
    return { underWay: ensure.size + look.size, promoting: this.#promoting, known: this.#known.size };
  }

  known(image: Reference): Digest | undefined {
    return this.#known.digestOf(formatReference(image));
  }

  isKnown(image: Reference): boolean {
    return this.known(image) !== undefined;
  }

  ensure(image: Reference, options: EnsureOptions = {}): Promise<Ensured> {
    return this.#ask("ensure", image, options);
  }

  look(image: Reference, options: EnsureOptions = {}): Promise<Ensured> {
    return this.#ask("look", image, options);
  }

  async #ask(kind: Kind, image: Reference, { signal, origin, fresh }: EnsureOptions): Promise<Ensured> {
    const { routes, observe, most } = this.#options;
    const sources = routeImage(image, routes);
    if (sources === undefined) return { status: "unrouted" };
    const name = formatReference(image);
    if (fresh === true) this.#known.forget(name);
    const digest = this.#known.digestOf(name);
    observe?.asked?.(digest !== undefined);
    if (digest !== undefined) return { status: "present", digest };
    const underWay = this.#underWay[kind];
    const shared = underWay.get(name);
    if (shared !== undefined) return withSignal(shared, signal);
    if (underWay.size >= most) return { status: "failed", error: tooMany(most) };
    const wish = { destination: image, sources, ...(origin !== undefined && { origin }) };
    const work = this.#work(kind, wish).finally(() => underWay.delete(name));
    underWay.set(name, work);
    return withSignal(work, signal);
  }

  async #work(kind: Kind, wish: Parameters<PromoteImage>[0]): Promise<Ensured> {
    const { resolve, signal } = this.#options;
    const name = formatReference(wish.destination);
    try {
      const digest = await resolve(wish.destination, signal);
      if (digest !== undefined) {
        this.#known.learn(name, digest);
        return { status: "present", digest };
      }
      if (kind === "look") return { status: "failed", error: missing(name) };
      return await this.#limit.run(() => this.#promote(wish), signal);
    } catch (error) {
      return { status: "failed", error: reportedError(signal.aborted ? signal.reason : error) };
    }
  }

  async #promote(wish: Parameters<PromoteImage>[0]): Promise<Ensured> {
    const { promote, clock, observe } = this.#options;
    const startedAt = clock.now();
    this.#promoting += 1;
    const report = await promote(wish).finally(() => {
      this.#promoting -= 1;
    });
    observe?.promoted?.(report, clock.now() - startedAt);
    const { digest, error } = report;
    if (report.status === "failed" || digest === undefined || !isDigest(digest)) {
      return { status: "failed", report, error: error ?? missing(report.destination) };
    }
    this.#known.learn(formatReference(wish.destination), digest);
    return { status: "promoted", digest, report };
  }
}

function missing(name: string): ReportedError {
  return reportedError(
    new PromoterError("ManifestUnknown", "It has not been promoted", {
      hint: `Promote it before it is to run: image-promoter promote ${name}`,
    }),
  );
}

function tooMany(most: number): ReportedError {
  return reportedError(
    new PromoterError("TooManyRequests", `${most} images are being promoted or wait for it`, {
      temporary: true,
      hint: "Try again later, or allow more with --queue",
    }),
  );
}
