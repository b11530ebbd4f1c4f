import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import type { MessageQueue, QueueMessage } from "../events/message-queue.ts";
import { parseQueueUrl, type QueueAddress } from "./queue-address.ts";
import { openService, type ServiceClientOptions, serviceClientConfig } from "./service-client.ts";
import { type SqsOperation, sqsError } from "./sqs-error.ts";

/** The longest that SQS waits for messages, in seconds: the fewest requests. */
const waitSeconds = 20;

/**
 * A queue of SQS, by the process's own identity; asks nothing yet. The SDK is loaded with the first call.
 *
 * @throws {PromoterError} `Usage` when the address is no queue's.
 * {@link https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html}
 */
export function openSqsQueue(url: string, options: ServiceClientOptions): MessageQueue {
  const queue = parseQueueUrl(url, options.env.AWS_REGION || options.env.AWS_DEFAULT_REGION);
  const QueueUrl = queue.url;
  const sqs = openService(
    () => openClient(queue, options),
    (error, operation: SqsOperation) => sqsError(error, operation, queue),
  );
  return {
    async receive({ most, visibilityMs, ...waiting }) {
      const { ReceiveMessageCommand } = await import("@aws-sdk/client-sqs");
      const command = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: most,
        VisibilityTimeout: Math.ceil(visibilityMs / 1000),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      });
      const { Messages = [] } = await sqs.call("ReceiveMessage", waiting, (client, request) =>
        client.send(command, request),
      );
      return Messages.flatMap(messageOf);
    },
    async hide({ receipt: ReceiptHandle }, ms, waiting = {}) {
      const { ChangeMessageVisibilityCommand } = await import("@aws-sdk/client-sqs");
      const input = { QueueUrl, ReceiptHandle, VisibilityTimeout: Math.ceil(ms / 1000) };
      await sqs.call("ChangeMessageVisibility", waiting, (client, request) =>
        client.send(new ChangeMessageVisibilityCommand(input), request),
      );
    },
    async delete({ receipt: ReceiptHandle }, waiting = {}) {
      const { DeleteMessageCommand } = await import("@aws-sdk/client-sqs");
      await sqs.call("DeleteMessage", waiting, (client, request) =>
        client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }), request),
      );
    },
  };
}

function messageOf({ MessageId, Body, ReceiptHandle, Attributes }: Message): readonly QueueMessage[] {
  if (ReceiptHandle === undefined) return [];
  const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
  return [{ id: MessageId ?? "", body: Body ?? "", receipt: ReceiptHandle, receiveCount }];
}

async function openClient({ region }: QueueAddress, options: ServiceClientOptions): Promise<SQSClient> {
  // SQS itself waits for messages before it answers.
  const answerTimeoutMs = waitSeconds * 1000 + options.answerTimeoutMs;
  const [{ SQSClient }, config] = await Promise.all([
    import("@aws-sdk/client-sqs"),
    serviceClientConfig("SQS", region, { ...options, answerTimeoutMs }),
  ]);
  return new SQSClient(config);
}
