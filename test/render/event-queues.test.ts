import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseQueueUrl } from "../../job/ecr/queue-address.ts";
import { type EventQueuesOptions, queueUrlOf, renderEventQueues } from "../../job/render/event-queues.ts";
import { authorize } from "../emulator/iam/authorize.ts";
import { readPolicyDocument } from "../emulator/iam/policy-document.ts";
import { describeWithTerraform } from "./terraform.ts";

const dev = {
  partition: "aws",
  region: "eu-west-1",
  accountId: "011111111111",
  repositories: ["team/*", "app"],
};
const prod = { ...dev, accountId: "222222222222" };
const base: EventQueuesOptions = {
  format: "cloudformation",
  sources: [dev],
  destinations: [prod],
  queueName: "pushes",
  roleName: "ci/image-promoter",
  maxReceiveCount: 7,
  visibilitySeconds: 60,
};

function render(options: Partial<EventQueuesOptions> = {}): ReadonlyMap<string, string> {
  return new Map(renderEventQueues({ ...base, ...options }).map(({ path, content }) => [path, content]));
}

/** CloudFormation's `!GetAtt` and `!Ref` are read as the texts behind them. */
function template(path: string, options: Partial<EventQueuesOptions> = {}) {
  const tags = ["!GetAtt", "!Ref"].map((tag) => ({ tag, resolve: (text: string) => text }));
  return parse(render(options).get(path) ?? "", { customTags: tags }).Resources;
}

const source = "source-011111111111-eu-west-1.yaml";
const queueArn = "arn:aws:sqs:eu-west-1:011111111111:pushes";
const ruleArn = "arn:aws:events:eu-west-1:011111111111:rule/pushes";

function mayTake(role: string, account: string, action = "sqs:ReceiveMessage", secure = "true"): boolean {
  const { Policy } = template(`destination-${prod.accountId}.yaml`);
  const roleArn = `arn:aws:iam::${account}:role/${role}`;
  const principal = { kind: "role", arn: roleArn, accountId: account, roleArn } as const;
  const context = { "aws:PrincipalArn": roleArn, "aws:SecureTransport": secure };
  return authorize(
    { principal, action, resource: queueArn, resourceAccountId: dev.accountId, context },
    {
      identityPolicies: [readPolicyDocument(Policy.Properties.PolicyDocument, "identity")],
      resourcePolicy: readPolicyDocument(template(source).QueuePolicy.Properties.PolicyDocument, "resource"),
    },
  ).allowed;
}

describe("the queue of a source", () => {
  it("may be taken from by the role of the destination, and by nobody else", () => {
    const role = "ci/image-promoter";
    for (const action of ["ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility"]) {
      expect([action, mayTake(role, prod.accountId, `sqs:${action}`)]).toEqual([action, true]);
    }
    expect(mayTake("somebody", prod.accountId)).toBe(false);
    expect(mayTake(role, "333333333333")).toBe(false);
    expect(mayTake(role, prod.accountId, "sqs:PurgeQueue")).toBe(false);
    expect(mayTake(role, prod.accountId, "sqs:SendMessage")).toBe(false);
    expect(mayTake(role, prod.accountId, "sqs:ReceiveMessage", "false")).toBe(false);
  });

  it("lets EventBridge send for its own rule alone, to the dead-letter queue too", () => {
    const { QueuePolicy, DeadLetterQueuePolicy } = template(source);
    for (const [policy, resource] of [
      [QueuePolicy, queueArn],
      [DeadLetterQueuePolicy, `${queueArn}-dead`],
    ] as const) {
      expect(policy.Properties.PolicyDocument.Statement[0]).toEqual({
        Sid: "EventBridge",
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: resource,
        Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
      });
    }
  });

  it("hands what fails too often to the dead-letter queue, where somebody is told of it", () => {
    const { Queue, DeadLetterQueue, DeadLetterAlarm, Rule } = template(source);
    expect(Queue.Properties.RedrivePolicy).toEqual({
      deadLetterTargetArn: "DeadLetterQueue.Arn",
      maxReceiveCount: 7,
    });
    expect(DeadLetterQueue.Properties.RedriveAllowPolicy.sourceQueueArns).toEqual([queueArn]);
    // What is moved there keeps its age: it has to be kept for longer than in the queue.
    expect(DeadLetterQueue.Properties.MessageRetentionPeriod).toBeGreaterThan(
      Queue.Properties.MessageRetentionPeriod,
    );
    expect(DeadLetterAlarm.Properties.Dimensions[0].Value).toBe("DeadLetterQueue.QueueName");
    expect(Rule.Properties.Targets[0].DeadLetterConfig.Arn).toBe("DeadLetterQueue.Arn");
  });

  it("gets successful pushes of tags in the repositories that are promoted", () => {
    expect(template(source).Rule.Properties.EventPattern).toEqual({
      source: ["aws.ecr"],
      "detail-type": ["ECR Image Action"],
      account: ["011111111111"],
      detail: {
        "action-type": ["PUSH"],
        result: ["SUCCESS"],
        "image-tag": [{ "anything-but": [""] }],
        "repository-name": [{ wildcard: "team/*" }, "app"],
      },
    });
    const all = { sources: [{ ...dev, repositories: ["*"] }] };
    expect(template(source, all).Rule.Properties.EventPattern.detail["repository-name"]).toBeUndefined();
  });

  it.each([
    ["aws", "eu-west-1"],
    ["aws-cn", "cn-north-1"],
    ["aws-us-gov", "us-gov-west-1"],
  ])("has an address that is read again, in %s", (partition, region) => {
    const url = queueUrlOf({ ...dev, partition, region }, "pushes");
    expect(parseQueueUrl(url, undefined)).toEqual({ url, region });
  });

  it("there is none without a source in ECR", () => {
    expect(() => render({ sources: [] })).toThrow(expect.objectContaining({ code: "Usage" }));
  });
});

describe("the files", () => {
  it("are one for each source's region, and one for each destination's account", () => {
    const options = {
      format: "terraform",
      sources: [dev, { ...dev, region: "us-east-1" }],
      destinations: [prod, { ...prod, region: "us-east-1" }],
    } as const;
    expect([...render(options).keys()]).toEqual([
      "source-011111111111-eu-west-1.tf",
      "source-011111111111-us-east-1.tf",
      "destination-222222222222.tf",
    ]);
    const destination = render(options).get("destination-222222222222.tf");
    expect(destination).toContain('role       = "image-promoter"');
    expect(destination).toContain("arn:aws:sqs:us-east-1:011111111111:pushes");
  });

  describeWithTerraform((terraform) => {
    it("are as terraform writes them", async () => {
      const folder = await mkdtemp(join(tmpdir(), "render-events-"));
      try {
        for (const [path, content] of render({ format: "terraform" }))
          await writeFile(join(folder, path), content);
        expect(execFileSync(terraform, ["fmt", "-check", "-diff", folder], { encoding: "utf8" })).toBe("");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  });
});
