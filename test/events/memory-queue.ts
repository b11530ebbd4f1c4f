import type { MessageQueue, QueueMessage } from "../../job/events/message-queue.ts";

interface Stored {
  readonly id: string;
  readonly body: string;
  received: number;
  /** Milliseconds since the epoch. */
  hiddenUntil: number;
}

/** A queue as SQS is one, with a dead-letter queue, in this process. */
export interface MemoryQueue extends MessageQueue {
  send(body: unknown): void;
  readonly messages: readonly Stored[];
  readonly dead: readonly string[];
  /** What was asked of it, in order: `receive`, `hide 60000`, `delete`. */
  readonly calls: readonly string[];
  /** Thrown by the next calls of this kind. */
  fail(call: "receive" | "hide" | "delete", ...errors: readonly Error[]): void;
}

export function memoryQueue(maxReceiveCount = Number.POSITIVE_INFINITY): MemoryQueue {
  let messages: Stored[] = [];
  const dead: string[] = [];
  const calls: string[] = [];
  const failures = new Map<string, Error[]>();
  const called = (name: string, more = "") => {
    calls.push(`${name}${more}`);
    const error = failures.get(name)?.shift();
    if (error !== undefined) throw error;
  };
  const find = ({ id }: QueueMessage) => messages.find((message) => message.id === id);
  return {
    send(body) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      messages.push({ id: `m${messages.length + dead.length + 1}`, body: text, received: 0, hiddenUntil: 0 });
    },
    get messages() {
      return messages;
    },
    dead,
    calls,
    fail: (call, ...errors) => failures.set(call, [...errors]),
    async receive({ most, visibilityMs, signal }) {
      called("receive");
      await new Promise((resolve) => setTimeout(resolve, 2));
      signal?.throwIfAborted();
      const now = Date.now();
      const visible = messages.filter(({ hiddenUntil }) => hiddenUntil <= now);
      const spent = visible.filter(({ received }) => received >= maxReceiveCount);
      dead.push(...spent.map(({ id }) => id));
      messages = messages.filter((message) => !spent.includes(message));
      return visible
        .filter((message) => !spent.includes(message))
        .slice(0, most)
        .map((message) => {
          message.received += 1;
          message.hiddenUntil = now + visibilityMs;
          const { id, body, received } = message;
          return { id, body, receiveCount: received, receipt: `${id}/${received}` };
        });
    },
    async hide(message, ms) {
      called("hide", ` ${Math.round(ms)}`);
      const stored = find(message);
      if (stored) stored.hiddenUntil = Date.now() + ms;
    },
    async delete(message) {
      called("delete");
      messages = messages.filter(({ id }) => id !== message.id);
    },
  };
}
