interface Lane<R> {
  readonly current: Promise<R>;
  /** What follows it, for all who came while it ran. */
  next?: Promise<R>;
}

/**
 * Lets one piece of work run for each tag at a time. Who comes meanwhile shares its result where that answers his
 * question; for all others together it is done once more, for it may have looked at the tag before they came.
 */
export class TagRuns<R> {
  readonly #lanes = new Map<string, Lane<R>>();

  /**
   * @param isAnswer whether a result that was under way before is as good as one's own.
   * @param work must not reject: a failure is a result that is no answer.
   */
  async run(tag: string, isAnswer: (result: R) => boolean, work: () => Promise<R>): Promise<R> {
    const lane = this.#lanes.get(tag);
    if (lane === undefined) return this.#begin(tag, work);
    const result = await lane.current;
    if (isAnswer(result)) return result;
    // Somebody may have begun anew since, and so after all who waited here.
    lane.next ??= this.#lanes.get(tag)?.current ?? this.#begin(tag, work);
    return lane.next;
  }

  #begin(tag: string, work: () => Promise<R>): Promise<R> {
    const lane: Lane<R> = { current: work() };
    this.#lanes.set(tag, lane);
    const leave = () => {
      if (this.#lanes.get(tag) === lane) this.#lanes.delete(tag);
    };
    lane.current.then(leave, leave);
    return lane.current;
  }
}
