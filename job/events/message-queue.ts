import type { Waiting } from "../oci/content.ts";

/** A message that was taken from a queue, and is hidden from others for a while. */
export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was taken, this time included. */
  readonly receiveCount: number;
  /** By which the queue knows this taking of it. */
  readonly receipt: string;
}

/**
 * A queue that keeps what was taken from it until it is deleted.
 *
 * Every call @throws {PromoterError} `Denied` or `InvalidConfiguration` when the queue cannot be used, `Network`,
 * `TooManyRequests` or `Unavailable` when trying later may help.
 */
export interface MessageQueue {
  /** Waits for messages, at most 20 seconds, and takes up to `most` of them, at most 10; none when none came. */
  receive(
    options: { readonly most: number; readonly visibilityMs: number } & Waiting,
  ): Promise<readonly QueueMessage[]>;
  /** Hides a message from now on for so many milliseconds; 0 lets others have it at once. */
  hide(message: QueueMessage, ms: number, options?: Waiting): Promise<void>;
  delete(message: QueueMessage, options?: Waiting): Promise<void>;
}
