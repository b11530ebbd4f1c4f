import type { Clock } from "../async/clock.ts";
import { rest } from "../async/rest.ts";
import { backoffMs } from "../async/retry.ts";
import { asPromoterError, type ErrorCode, PromoterError } from "../error.ts";
import type { Log } from "../log.ts";
import type { KubernetesApi } from "./api.ts";
import { apiError } from "./api-error.ts";
import { listObjects } from "./list-objects.ts";
import { type ApiObject, asApiObject, isRecord } from "./object.ts";

/** What a watch tells of a collection. */
export type WatchChange =
  /** Everything comes anew: what is not `put` until `listed` is not there any more. */
  | { readonly type: "listing" }
  /** An object as it is now, new or changed. */
  | { readonly type: "put"; readonly object: ApiObject }
  | { readonly type: "listed" }
  | { readonly type: "deleted"; readonly object: ApiObject };

export interface WatchOptions {
  /** The collection, such as `/api/v1/namespaces/shop/secrets`. */
  readonly path: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

const pausePolicy = { attempts: Number.POSITIVE_INFINITY, baseMs: 500, maxMs: 30_000 };
/** A silent connection may be a dead one: it is replaced after so many seconds, and up to as many again. */
const streamSeconds = 120;
const graceMs = 15_000;
/** A watch that the server ends sooner was not worth its while. */
const shortMs = 1_000;

/**
 * Follows a collection until the signal is aborted: first everything that is there, then every change. A connection
 * that ends goes on where it was; where the server has forgotten that moment, everything is listed again. What cannot
 * be asked is asked again, ever more slowly, and logged: it never rejects but for what the consumer throws.
 * {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes}
 */
export async function* watchObjects(api: KubernetesApi, options: WatchOptions): AsyncGenerator<WatchChange> {
  const { clock, signal } = options;
  const watch: Watch = { api, options, resourceVersion: undefined, failures: 0, lost: 0, said: undefined };
  while (!signal.aborted) {
    const since = clock.now();
    try {
      if (watch.resourceVersion === undefined) yield* list(watch);
      else if ((yield* follow(watch)) || clock.now() - since >= shortMs) followed(watch);
      else watch.failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (isGone(error)) lose(watch);
      else report(watch, error);
      watch.failures += 1;
    }
    if (watch.failures > 0) await rest(backoffMs(watch.failures, { ...pausePolicy, clock }), clock, signal);
  }
}

interface Watch {
  readonly api: KubernetesApi;
  readonly options: WatchOptions;
  /** Where to go on; undefined to list everything. */
  resourceVersion: string | undefined;
  /** In a row. */
  failures: number;
  /** How often in a row the server had forgotten a list before anything was followed from there. */
  lost: number;
  /** The failure that has been logged, so that it is not logged again and again. */
  said: string | undefined;
}

async function* list(watch: Watch): AsyncGenerator<WatchChange> {
  const { api, options } = watch;
  yield { type: "listing" };
  let version = "";
  for await (const { items, resourceVersion } of listObjects(api, options.path, options)) {
    for (const item of items) {
      const object = asApiObject(item);
      if (object !== undefined) yield { type: "put", object };
    }
    version = resourceVersion;
  }
  watch.resourceVersion = version;
  well(watch);
  yield { type: "listed" };
}

/** @returns whether anything came. */
async function* follow(watch: Watch): AsyncGenerator<WatchChange, boolean> {
  const { api, options } = watch;
  const { path, fieldSelector, labelSelector, clock, signal } = options;
  const seconds = Math.round(streamSeconds * (1 + clock.random()));
  const query = new URLSearchParams({
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: watch.resourceVersion ?? "",
    timeoutSeconds: String(seconds),
    ...(fieldSelector !== undefined && { fieldSelector }),
    ...(labelSelector !== undefined && { labelSelector }),
  });
  let came = false;
  for await (const event of api.stream(`${path}?${query}`, seconds * 1_000 + graceMs, { signal })) {
    const { type, object } = readEvent(event, path);
    const { resourceVersion } = object.metadata;
    if (typeof resourceVersion === "string") watch.resourceVersion = resourceVersion;
    came = true;
    followed(watch);
    if (type === "ADDED" || type === "MODIFIED") yield { type: "put", object };
    else if (type === "DELETED") yield { type: "deleted", object };
  }
  return came;
}

/** @throws {PromoterError} the error that the server sends as an event, with its status. */
function readEvent(event: unknown, path: string): { readonly type: unknown; readonly object: ApiObject } {
  const { type, object } = isRecord(event) ? event : {};
  if (type === "ERROR" && isRecord(object)) {
    const status = typeof object.code === "number" ? object.code : 500;
    throw apiError({ request: `GET ${path}?watch=1`, status, body: JSON.stringify(object) });
  }
  // A bookmark has a version and no name.
  const read =
    type === "BOOKMARK" && isRecord(object)
      ? asApiObject({ metadata: { name: "", ...(isRecord(object.metadata) ? object.metadata : {}) } })
      : asApiObject(object);
  if (read !== undefined) return { type, object: read };
  throw new PromoterError(
    "InvalidResponse",
    `Cannot read an event of the Kubernetes API's watch of ${path}`,
    {
      temporary: true,
    },
  );
}

/** Listing costs the server much: where lists are forgotten at once, the next one is as far away as after failures. */
function lose(watch: Watch): void {
  watch.resourceVersion = undefined;
  watch.failures = Math.max(watch.failures, watch.lost);
  watch.lost += 1;
}

function followed(watch: Watch): void {
  well(watch);
  watch.lost = 0;
}

function well(watch: Watch): void {
  watch.failures = 0;
  watch.said = undefined;
}

/** {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses} */
function isGone(error: unknown): boolean {
  return error instanceof PromoterError && error.status === 410;
}

function report(watch: Watch, error: unknown): void {
  const { log, path } = watch.options;
  const { code, message, temporary, hint = grantHint(code, path) } = asPromoterError(error);
  const fields = { code, path, ...(hint !== undefined && { hint }) };
  if (watch.said === message) log.debug(fields, message);
  // The first break of a connection is nothing to tell of.
  else if (temporary && watch.failures === 0) log.debug(fields, message);
  else log.warn(fields, `Cannot watch: ${message}`);
  if (!temporary || watch.failures > 0) watch.said = message;
}

function grantHint(code: ErrorCode, path: string): string | undefined {
  if (code !== "Denied" && code !== "Unauthorized") return undefined;
  return `Grant the service account the verbs "list" and "watch" on ${path.split("/").at(-1)}`;
}
