import type { EmulatorOptions } from "./emulator-options.ts";
import type { FaultInjector } from "./faults.ts";
import { activeQuirks, type QuirkName } from "./quirks.ts";
import type { RegistryAddress } from "./registry-host.ts";
import type { RequestLog } from "./request-log.ts";
import type { Store } from "./store.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface ContextParts {
  readonly options: EmulatorOptions;
  readonly store: Store;
  readonly faults: FaultInjector;
  readonly log: RequestLog;
}

/** What every part of one emulator shares. */
export class EmulatorContext {
  readonly options: EmulatorOptions;
  readonly store: Store;
  readonly faults: FaultInjector;
  readonly log: RequestLog;
  readonly quirks: ReadonlySet<QuirkName>;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor({ options, store, faults, log }: ContextParts) {
    this.options = options;
    this.store = store;
    this.faults = faults;
    this.log = log;
    this.quirks = activeQuirks(options);
  }

  now(): number {
    return this.store.clock.now();
  }

  get checksAccess(): boolean {
    return (this.options.authorization ?? (this.options.mode === "strict" ? "none" : "iam")) === "iam";
  }

  /** Whether a request of this action is within its rate in that account and region. */
  admits(action: string, { accountId, region }: RegistryAddress): boolean {
    const limits: Readonly<Partial<Record<string, number>>> = this.options.rateLimits ?? {};
    const perSecond = limits[action];
    if (perSecond === undefined) return true;
    const key = `${accountId}/${region}/${action}`;
    const bucket = this.#buckets.get(key) ?? new TokenBucket(perSecond, this.store.clock);
    this.#buckets.set(key, bucket);
    return bucket.take();
  }
}
