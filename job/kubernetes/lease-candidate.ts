import type { Clock } from "../async/clock.ts";
import { hasCode } from "../error.ts";
import type { KubernetesApi } from "./api.ts";
import { type ApiObject, asApiObject, isRecord } from "./object.ts";

export interface LeaseOptions {
  readonly api: KubernetesApi;
  readonly namespace: string;
  /** Of the Lease, made when it is missing. */
  readonly name: string;
  /** Of this candidate: no other may have it. */
  readonly identity: string;
  readonly clock: Clock;
  /** Milliseconds without a sign of life after which another may take the Lease. */
  readonly durationMs: number;
}

/** Who holds the Lease: this candidate, or another one until it gives no sign of life any more. */
export type LeaseState = { readonly held: boolean; readonly holder: string };

/** One of those who would hold a Lease. {@link https://kubernetes.io/docs/concepts/architecture/leases/} */
export class LeaseCandidate {
  readonly #options: LeaseOptions;
  readonly #collection: string;
  /** When the Lease was seen to be another, by our own clock: those of other machines are not trusted. */
  #seen: { readonly version: string | undefined; readonly at: number } | undefined;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#collection = `/apis/coordination.k8s.io/v1/namespaces/${options.namespace}/leases`;
  }

  /**
   * Takes the Lease if it is free, and renews it if it is held.
   *
   * @throws {PromoterError} what the API says.
   */
  async attempt(signal: AbortSignal): Promise<LeaseState> {
    const { api, identity } = this.#options;
    const lease = await this.#read(signal);
    if (lease !== undefined && !this.#isFree(lease)) return { held: false, holder: holderOf(lease) };
    const wanted = this.#written(lease);
    try {
      const written =
        lease === undefined
          ? await api.create(this.#collection, wanted, { signal })
          : await api.replace(this.#path, wanted, { signal });
      return { held: written !== undefined, holder: written === undefined ? "" : identity };
    } catch (error) {
      // Another one was faster.
      if (hasCode(error, "Conflict")) return { held: false, holder: "" };
      throw error;
    }
  }

  /**
   * Gives the Lease back, so that nobody needs to wait until it has run out.
   *
   * @throws {PromoterError} what the API says.
   */
  async release(signal: AbortSignal): Promise<void> {
    const { api, identity } = this.#options;
    const lease = await this.#read(signal);
    if (lease === undefined || holderOf(lease) !== identity) return;
    const { holderIdentity: _, ...spec } = isRecord(lease.spec) ? lease.spec : {};
    await api.replace(this.#path, { ...lease, spec: { ...spec, leaseDurationSeconds: 1 } }, { signal });
  }

  get #path(): string {
    return `${this.#collection}/${this.#options.name}`;
  }

  async #read(signal: AbortSignal): Promise<ApiObject | undefined> {
    const { api, clock } = this.#options;
    const lease = asApiObject(await api.get(this.#path, { signal }));
    const version = lease?.metadata.resourceVersion;
    if (this.#seen === undefined || this.#seen.version !== version) this.#seen = { version, at: clock.now() };
    return lease;
  }

  #isFree(lease: ApiObject): boolean {
    const { clock, durationMs, identity } = this.#options;
    const holder = holderOf(lease);
    if (holder === "" || holder === identity) return true;
    const { leaseDurationSeconds } = specOf(lease);
    const lifeMs = typeof leaseDurationSeconds === "number" ? leaseDurationSeconds * 1_000 : durationMs;
    return clock.now() - (this.#seen?.at ?? clock.now()) >= lifeMs;
  }

  #written(lease: ApiObject | undefined): object {
    const { namespace, name, identity, clock, durationMs } = this.#options;
    // Of microseconds, as the API wants it.
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    const spec = lease === undefined ? {} : specOf(lease);
    const { leaseTransitions } = spec;
    const before = typeof leaseTransitions === "number" ? leaseTransitions : 0;
    const isRenewed = lease !== undefined && holderOf(lease) === identity;
    return {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: lease?.metadata ?? { name, namespace },
      spec: {
        ...spec,
        holderIdentity: identity,
        leaseDurationSeconds: Math.ceil(durationMs / 1_000),
        acquireTime: isRenewed ? (spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: lease === undefined || isRenewed ? before : before + 1,
      },
    };
  }
}

function specOf(lease: ApiObject): Readonly<Record<string, unknown>> {
  return isRecord(lease.spec) ? lease.spec : {};
}

function holderOf(lease: ApiObject): string {
  const { holderIdentity } = specOf(lease);
  return typeof holderIdentity === "string" ? holderIdentity : "";
}
