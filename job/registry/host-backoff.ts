import { sitOut } from "../async/aside.ts";
import type { Clock } from "../async/clock.ts";
import type { Waiting } from "../oci/content.ts";

/** Share of a wait by which requests come back apart from each other, so that they do not come back at once. */
const spread = 0.1;

/** Makes all requests to a host wait when one of them was told to. */
export class HostBackoff {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends nothing new to `host` for `ms` milliseconds. */
  hold(host: string, ms: number): void {
    const until = this.#clock.now() + ms;
    if (until > (this.#until.get(host) ?? 0)) this.#until.set(host, until);
  }

  /** Resolves when requests to `host` may be sent again; at once where nothing holds them. */
  async wait(host: string, waiting: Waiting = {}): Promise<void> {
    for (;;) {
      const leftMs = (this.#until.get(host) ?? 0) - this.#clock.now();
      if (leftMs <= 0) return;
      const spreadMs = leftMs * (1 + spread * this.#clock.random());
      await sitOut(() => this.#clock.sleep(spreadMs, waiting.signal), waiting);
    }
  }
}
