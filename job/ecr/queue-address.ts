import { PromoterError } from "../error.ts";

/** A queue of SQS by its address. */
export interface QueueAddress {
  readonly url: string;
  readonly region: string;
}

const awsHost =
  /^(?:[a-z0-9-]+\.)?(?:sqs(?:-fips)?\.([a-z0-9-]+)\.(?:vpce\.)?|([a-z0-9-]+)\.queue\.)(?:amazonaws\.(?:com|eu|com\.cn)|api\.(?:aws|amazonwebservices\.com\.cn))$/;

/**
 * Reads the address of a queue as SQS tells it.
 *
 * @param region where it is, for addresses that do not say: those of emulators.
 * @throws {PromoterError} `Usage` when it is no such address, or nobody says in which region it is.
 * {@link https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html}
 */
export function parseQueueUrl(text: string, region: string | undefined): QueueAddress {
  const url = URL.parse(text);
  if (url === null || !/^\/[^/]+\/[\w.-]+$/.test(url.pathname) || url.username !== "" || url.search !== "") {
    throw noQueue();
  }
  const isLocal = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  // A signed request in plain text would show its session's token to everybody on the way.
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocal)) throw noQueue();
  const [, named, legacy] = awsHost.exec(url.hostname) ?? [];
  const place = named ?? legacy ?? region;
  if (place !== undefined && place !== "") return { url: text, region: place };
  throw new PromoterError("Usage", `Nobody said in which region the queue of ${url.host} is`, {
    hint: "Set AWS_REGION",
  });
}

function noQueue(): PromoterError {
  return new PromoterError("Usage", "The address of the queue is none of SQS", {
    hint: "Write what this tells: aws sqs get-queue-url --queue-name NAME",
  });
}
