import { type PolicyStatement, policyOf } from "../ecr/policy/policy-document.ts";
import { accountArn } from "../ecr/policy/pull-statement.ts";
import { isPattern } from "../ecr/policy/registry-place.ts";
import { PromoterError } from "../error.ts";
import type { DestinationScope, SourceScope } from "./policy-scope.ts";
import { renderPolicyTemplate } from "./policy-template.ts";
import type { RenderedFile } from "./rendered-file.ts";

export interface EventQueuesOptions {
  readonly format: "cloudformation" | "terraform";
  readonly sources: readonly SourceScope[];
  readonly destinations: readonly DestinationScope[];
  /** Name of rule and queue: `image-promoter-events`. */
  readonly queueName: string;
  /** Name, with its path, of the role that takes events, in the destinations' accounts that have no other. */
  readonly roleName: string;
  /** How often a message is taken before it goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** Seconds for which a message is hidden that was taken. */
  readonly visibilitySeconds: number;
}

const day = 86_400;

/**
 * What brings pushes to image-promoter: in each source's account and region a rule of EventBridge, its queue with a
 * dead-letter queue behind it and the policies of both; in each destination's account what lets the role take events.
 *
 * @throws {PromoterError} `Usage` when no source is in ECR.
 * {@link https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sqs-permissions}
 */
export function renderEventQueues(options: EventQueuesOptions): RenderedFile[] {
  const { sources, destinations, format } = options;
  if (sources.length === 0) {
    throw new PromoterError(
      "Usage",
      "No route comes from a private registry of ECR, which alone tells of pushes",
      {
        hint: "Give --from, or routes or environments in a --config file; elsewhere run sync by a CronJob",
      },
    );
  }
  const kind = format === "terraform" ? "tf" : "yaml";
  const file = (path: string, template: string, context: object) => ({
    path: `${path}.${kind}`,
    content: renderPolicyTemplate(`${template}.${kind}`, context, "events"),
  });
  const accounts = Map.groupBy(destinations, ({ accountId }) => accountId);
  return [
    ...sources.map((source) =>
      file(`source-${source.accountId}-${source.region}`, "source", sourceContext(source, options)),
    ),
    ...[...accounts].map(([accountId, [place]]) =>
      file(`destination-${accountId}`, "destination", destinationContext(accountId, place, options)),
    ),
  ];
}

/** The address by which SQS knows a source's queue. */
export function queueUrlOf(source: SourceScope, queueName: string): string {
  const suffix = source.partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sqs.${source.region}.${suffix}/${source.accountId}/${queueName}`;
}

function sourceContext(source: SourceScope, options: EventQueuesOptions): object {
  const { queueName: name, maxReceiveCount, visibilitySeconds } = options;
  const deadLetterName = `${name}-dead`;
  const queueArn = arnOf(source, name);
  const ruleArn = `arn:${source.partition}:events:${source.region}:${source.accountId}:rule/${name}`;
  return {
    place: source,
    name,
    deadLetterName,
    queueArn,
    pattern: eventPattern(source),
    maxReceiveCount,
    visibilitySeconds,
    retentionSeconds: 4 * day,
    deadLetterRetentionSeconds: 14 * day,
    queuePolicy: policyOf(
      sendStatement(queueArn, ruleArn),
      takeStatement(queueArn, options),
      encryptedOnly(queueArn),
    ),
    deadLetterPolicy: policyOf(
      sendStatement(arnOf(source, deadLetterName), ruleArn),
      encryptedOnly(arnOf(source, deadLetterName)),
    ),
  };
}

/** Of what is of no use as little as possible is sent: members of indexes have no tag. */
function eventPattern({ repositories, accountId }: SourceScope): object {
  const names = repositories.map((name) => (isPattern(name) ? { wildcard: name } : name));
  return {
    source: ["aws.ecr"],
    "detail-type": ["ECR Image Action"],
    account: [accountId],
    detail: {
      "action-type": ["PUSH"],
      result: ["SUCCESS"],
      "image-tag": [{ "anything-but": [""] }],
      ...(repositories.includes("*") ? {} : { "repository-name": names }),
    },
  };
}

function destinationContext(
  accountId: string,
  place: DestinationScope | undefined,
  options: EventQueuesOptions,
): object {
  const { sources, queueName } = options;
  const role = place?.roleName ?? options.roleName;
  return {
    accountId,
    policyName: queueName,
    // IAM knows a role by its name without the path here.
    roleName: role.slice(role.lastIndexOf("/") + 1),
    identityPolicy: policyOf({
      Sid: "TakeEvents",
      Effect: "Allow",
      Action: [...takeActions],
      Resource: sources.map((source) => arnOf(source, queueName)),
    }),
  };
}

const takeActions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"] as const;

function sendStatement(queueArn: string, ruleArn: string): PolicyStatement {
  return {
    Sid: "EventBridge",
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
  };
}

/** By account and condition: SQS takes no policy that names a role which is not there yet. */
function takeStatement(queueArn: string, options: EventQueuesOptions): PolicyStatement {
  const { destinations } = options;
  const accounts = destinations.map(({ accountId, partition }) => accountArn(accountId, partition));
  const roles = destinations.map((place) => roleArnOf(place, options));
  return {
    Sid: "ImagePromoter",
    Effect: "Allow",
    Principal: { AWS: [...new Set(accounts)] },
    Action: [...takeActions],
    Resource: queueArn,
    Condition: { ArnEquals: { "aws:PrincipalArn": [...new Set(roles)] } },
  };
}

function encryptedOnly(queueArn: string): PolicyStatement {
  return {
    Sid: "EncryptedOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:*",
    Resource: queueArn,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  };
}

function arnOf({ partition, region, accountId }: SourceScope, name: string): string {
  return `arn:${partition}:sqs:${region}:${accountId}:${name}`;
}

function roleArnOf(
  { partition, accountId, roleName }: DestinationScope,
  options: EventQueuesOptions,
): string {
  return `arn:${partition}:iam::${accountId}:role/${roleName ?? options.roleName}`;
}
