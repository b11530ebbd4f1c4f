/** Whether a registry has the referrers API: found out once, by whoever asks first while the others wait. */
export class ReferrersApi {
  #known: boolean | undefined;
  #asking: Promise<unknown> | undefined;

  /** Does `work`, which asks the API, unless it is known that there is none: undefined then, and when it says so. */
  async ask<T>(work: () => Promise<ApiAnswer<T>>): Promise<T | undefined> {
    while (this.#known === undefined && this.#asking !== undefined) {
      await this.#asking.catch(() => undefined);
    }
    if (this.#known === false) return undefined;
    if (this.#known === true) return (await work()).answer;
    const asking = work();
    this.#asking = asking;
    try {
      const { answer, exists } = await asking;
      this.#known ??= exists;
      return answer;
    } finally {
      this.#asking = undefined;
    }
  }
}

export interface ApiAnswer<T> {
  /** Undefined when the API did not answer. */
  readonly answer?: T;
  /** What this tells of the registry as a whole; undefined for nothing, as of a repository that does not exist. */
  readonly exists: boolean | undefined;
}
