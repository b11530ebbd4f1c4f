import type { MessageQueue } from "../events/message-queue.ts";
import type { Runtime } from "../runtime.ts";
import { defaultPatience, userAgent } from "./surroundings.ts";

/**
 * A queue of SQS by its address, which is not asked yet. What it is made of is loaded only then.
 *
 * @throws {PromoterError} `Usage` when the address is no queue's.
 */
export async function openQueue(
  url: string,
  { env, clock, patience = defaultPatience }: Runtime,
): Promise<MessageQueue> {
  const { openSqsQueue } = await import("../ecr/sqs-queue.ts");
  return openSqsQueue(url, { env, clock, userAgent, answerTimeoutMs: patience.apiAnswerMs });
}
