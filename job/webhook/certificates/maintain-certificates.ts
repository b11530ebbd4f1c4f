import type { Clock } from "../../async/clock.ts";
import { rest } from "../../async/rest.ts";
import { backoffMs } from "../../async/retry.ts";
import { asPromoterError, hasCode, PromoterError } from "../../error.ts";
import type { KubernetesApi } from "../../kubernetes/api.ts";
import { type ApiObject, asApiObject } from "../../kubernetes/object.ts";
import { watchObjects } from "../../kubernetes/watch-objects.ts";
import type { Log } from "../../log.ts";
import { flawOf } from "./check-certificate.ts";
import { type IssuedCertificate, issueCertificate } from "./make-certificate.ts";
import { begun, nextStep, prepared, type RotationRules, switched, validityFrom } from "./rotation.ts";
import { readTlsSecret, type TlsSecret, writeTlsSecret } from "./tls-secret.ts";
import { collectionOf, trustAuthorities, trustHint, type WebhookConfiguration } from "./trust.ts";

export interface MaintenanceOptions extends RotationRules {
  readonly api: KubernetesApi;
  readonly namespace: string;
  /** Of the Secret, made when it is missing. */
  readonly secret: string;
  /** Whose `caBundle` is written. */
  readonly configurations: readonly WebhookConfiguration[];
  /**
   * Milliseconds that the API servers are given to learn of an authority before a certificate of it is served. Default
   * one minute, or less when certificates are short-lived.
   */
  readonly settleMs?: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Certificates may be deleted, or the configuration set back, without our being told. */
const longestRestMs = 10 * 60_000;
const pausePolicy = { attempts: Number.POSITIVE_INFINITY, baseMs: 1_000, maxMs: 60_000 };

interface Maintenance {
  readonly options: MaintenanceOptions;
  readonly signal: AbortSignal;
  /** Since when the API servers have been told of these authorities, as this process knows. */
  trusted: { readonly authorities: string; readonly since: number } | undefined;
}

/**
 * Keeps a certificate in a Secret, and the API server's trust in it: makes one where there is none, and its successor
 * when two thirds of its time are over. The successor's authority is trusted before it is served, the former's
 * afterwards, so that at no moment a replica shows what the API server does not trust. Resolves when the signal is
 * aborted; what fails is logged and tried again. For one process at a time: see `leadByLease`.
 */
export async function maintainCertificates(options: MaintenanceOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  const maintenance: Maintenance = { options, signal, trusted: undefined };
  const changes = new Changes(signal);
  const watching = watchAll(options, signal, () => changes.happened());
  let failures = 0;
  while (!signal.aborted) {
    let restMs: number;
    try {
      restMs = await maintain(maintenance);
      failures = 0;
    } catch (error) {
      if (signal.aborted) break;
      failures += 1;
      restMs = hasCode(error, "Conflict") ? 0 : backoffMs(failures, { ...pausePolicy, clock });
      const { code, message } = asPromoterError(error);
      if (!hasCode(error, "Conflict"))
        log.warn({ code, hint: trustHint(error) }, `Cannot maintain the webhook's certificate: ${message}`);
    }
    await changes.orRest(Math.min(restMs, longestRestMs), clock, failures > 0);
  }
  await watching;
}

/** Does what is to be done, and says for how many milliseconds that was all. */
async function maintain(maintenance: Maintenance): Promise<number> {
  const { options, signal } = maintenance;
  const { clock, log, secret: name } = options;
  const object = asApiObject(await options.api.get(secretPath(options), { signal }));
  const secret = readTlsSecret(object);
  const now = clock.now();
  const step = nextStep(secret, options, now);
  if (step.type === "begin" || step.type === "prepare") {
    const issued = await newCertificate(options, now);
    const changed = step.type === "begin" ? begun(secret, issued, now) : prepared(secret, issued, now);
    await write(maintenance, object, changed);
    log.info(
      { object: `Secret ${name}`, until: new Date(now + options.lifetimeMs).toISOString() },
      messages[step.type],
    );
    return 0;
  }
  await trust(maintenance, secret.authorities);
  if (step.type === "rest") return step.until - now;
  const { settleMs = Math.min(60_000, options.lifetimeMs / 20) } = options;
  const leftMs = (maintenance.trusted?.since ?? now) + settleMs - clock.now();
  if (!step.atOnce && leftMs > 0) return leftMs;
  await write(maintenance, object, switched(secret, now));
  log.info({ object: `Secret ${name}` }, "The webhook serves its new certificate");
  return 0;
}

/** Whoever cannot use a new certificate would make them without end. */
async function newCertificate({ names, lifetimeMs }: RotationRules, now: number): Promise<IssuedCertificate> {
  const issued = await issueCertificate({ names, ...validityFrom(now, { names, lifetimeMs }) });
  const flaw = flawOf(issued, { names, now });
  if (flaw === undefined) return issued;
  throw new PromoterError("InvalidConfiguration", `No certificate can be made that serves: ${flaw}`, {
    hint: "Name by --tls-name what the API server calls the webhook: SERVICE.NAMESPACE.svc",
  });
}

const messages = {
  begin: "Made a certificate for the webhook",
  prepare: "Made the successor of the webhook's certificate",
} as const;

async function trust(maintenance: Maintenance, authorities: string): Promise<void> {
  const { options, signal } = maintenance;
  const unchanged = await trustAuthorities(authorities, { ...options, signal });
  if (unchanged && maintenance.trusted?.authorities === authorities) return;
  maintenance.trusted = { authorities, since: options.clock.now() };
}

/** Fails with `Conflict` when somebody else has written meanwhile. */
async function write(
  { options, signal }: Maintenance,
  before: ApiObject | undefined,
  content: TlsSecret,
): Promise<void> {
  const { api, namespace, secret: name } = options;
  const data = writeTlsSecret(before, content);
  if (before !== undefined) {
    await api.replace(secretPath(options), { ...before, data }, { signal });
    return;
  }
  const labels = { "app.kubernetes.io/managed-by": "image-promoter" };
  const metadata = { name, namespace, labels };
  const secret = { apiVersion: "v1", kind: "Secret", type: "kubernetes.io/tls", metadata, data };
  await api.create(secretsPath(options), secret, { signal });
}

async function watchAll(
  options: MaintenanceOptions,
  signal: AbortSignal,
  onChange: () => void,
): Promise<void> {
  const collections = [
    { path: secretsPath(options), name: options.secret },
    ...options.configurations.map((configuration) => ({
      path: collectionOf(configuration),
      name: configuration.name,
    })),
  ];
  await Promise.all(
    collections.map(async ({ path, name }) => {
      const fieldSelector = `metadata.name=${name}`;
      for await (const { type } of watchObjects(options.api, { ...options, path, fieldSelector, signal })) {
        if (type === "put" || type === "deleted") onChange();
      }
    }),
  );
}

function secretsPath({ namespace }: MaintenanceOptions): string {
  return `/api/v1/namespaces/${namespace}/secrets`;
}

function secretPath(options: MaintenanceOptions): string {
  return `${secretsPath(options)}/${options.secret}`;
}

/** Wakes who rests when something happens, also what happened just before the rest. */
class Changes {
  readonly #signal: AbortSignal;
  #waiting: AbortController | undefined;
  #pending = false;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  happened(): void {
    this.#pending = true;
    this.#waiting?.abort();
  }

  /** Rests so many milliseconds; fewer when something happens, unless it has to be sat out. */
  async orRest(ms: number, clock: Clock, sitOut: boolean): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = sitOut ? undefined : waiting;
    if (this.#pending && !sitOut) waiting.abort();
    await rest(ms, clock, AbortSignal.any([this.#signal, waiting.signal]));
    this.#waiting = undefined;
    this.#pending = false;
  }
}
