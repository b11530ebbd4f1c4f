import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseQueueUrl } from "../../job/ecr/queue-address.ts";
import { type EventQueuesOptions, queueUrlOf, renderEventQueues } from "../../job/render/event-queues.ts";
import { authorize } from "../emulator/iam/authorize.ts";
import { readPolicyDocument } from "../emulator/iam/policy-document.ts";
import { runCommand } from "../scenarios/command-run.ts";
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

const from = "111111111111.dkr.ecr.eu-west-1.amazonaws.com";
const to = "222222222222.dkr.ecr.eu-west-1.amazonaws.com";

async function rendered(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const run = await runCommand(["render", "events", "--output-dir", "out", "--name", "shop", ...args], {
    files,
  });
  expect(run.stderr).not.toContain("error");
  const object = (path: string) => parse(run.written.get(`out/kubernetes/${path}`) ?? "null");
  return { run, object, paths: [...run.written.keys()].map((path) => path.slice(4)) };
}

describe("render events", () => {
  it("writes a Deployment that is hardened, asked how it is, and ended in order", async () => {
    const { object, paths } = await rendered(["--from", from, "--to", to, "-n", "shop", "--network-policy"]);
    expect(paths).toEqual([
      "source-111111111111-eu-west-1.yaml",
      "destination-222222222222.yaml",
      "kubernetes/service-account.yaml",
      "kubernetes/deployment.yaml",
      "kubernetes/pod-disruption-budget.yaml",
      "kubernetes/network-policy.yaml",
    ]);
    const { metadata, spec } = object("deployment.yaml");
    expect(metadata).toMatchObject({ name: "shop-image-promoter-on-push", namespace: "shop" });
    expect(spec.replicas).toBe(2);
    const pod = spec.template.spec;
    expect(pod).toMatchObject({
      restartPolicy: "Always",
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    });
    const [container] = pod.containers;
    expect(container).toMatchObject({
      args: ["on-push"],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      readinessProbe: { httpGet: { path: "/readyz", port: "health" } },
      livenessProbe: { httpGet: { path: "/healthz", port: "health" } },
      ports: [{ name: "health", containerPort: 8080 }],
    });
    const variables = Object.fromEntries(
      container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
    );
    expect(variables).toMatchObject({
      PROMOTER_QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/111111111111/image-promoter-events",
      PROMOTER_HEALTH: "8080",
      PROMOTER_FROM: from,
      PROMOTER_TO: to,
    });
    expect(Object.keys(variables)).not.toContain("PROMOTER_IMAGES");
    expect(Object.keys(variables)).not.toContain("JOB_NAME");
    expect(Number.parseInt(variables.PROMOTER_DRAIN, 10)).toBeLessThan(pod.terminationGracePeriodSeconds);

    const labels = spec.template.metadata.labels;
    const selectors = [
      spec.selector.matchLabels,
      object("pod-disruption-budget.yaml").spec.selector.matchLabels,
      object("network-policy.yaml").spec.podSelector.matchLabels,
    ];
    for (const selector of selectors) {
      expect(labels).toMatchObject(selector);
      // Pods of Jobs are not meant.
      expect(selector["app.kubernetes.io/component"]).toBe("on-push");
    }
  });

  it("takes a promoter.yaml along whole, and its rules with it", async () => {
    const configuration = `apiVersion: image-promoter/v1
kind: Promoter
routes:
  - from: ${from}
    to: ${to}
sync:
  rules:
    - name: releases
      tags: { semver: ">=1" }
`;
    const { object } = await rendered(["--config", "promoter.yaml"], { "promoter.yaml": configuration });
    expect(object("config-map.yaml").data["promoter.yaml"]).toBe(configuration);
    const [container] = object("deployment.yaml").spec.template.spec.containers;
    const names = container.env.map(({ name }: { name: string }) => name);
    expect(names).toContain("PROMOTER_CONFIG");
    expect(names).not.toContain("PROMOTER_FROM");
  });

  it("writes a Deployment for each queue where there are several sources", async () => {
    const staging = "333333333333.dkr.ecr.us-east-1.amazonaws.com";
    const { object, paths } = await rendered([
      "--from",
      `${staging},${from}`,
      "--to",
      to,
      "--format",
      "terraform",
    ]);
    const deployments = paths.filter((path) => path.includes("/deployment"));
    expect(deployments).toEqual([
      "kubernetes/deployment-333333333333-us-east-1.yaml",
      "kubernetes/deployment-111111111111-eu-west-1.yaml",
    ]);
    expect(paths.filter((path) => path.includes("service-account"))).toHaveLength(1);
    const selectors = deployments.map(
      (path) => object(path.replace("kubernetes/", "")).spec.selector.matchLabels,
    );
    expect(selectors[0]).not.toEqual(selectors[1]);
  });

  it("keeps every value in its place", async () => {
    const argument = "--log-level=debug\n---\nkind: Secret";
    const values = JSON.stringify({ extraArgs: [argument], podAnnotations: { note: "a: {b}\n- c" } });
    const { run } = await rendered(["--from", from, "--to", to, "--values", "values.yaml"], {
      "values.yaml": values,
    });
    const documents = parseAllDocuments(run.written.get("out/kubernetes/deployment.yaml") ?? "");
    expect(documents).toHaveLength(1);
    const { template } = parse(String(documents[0])).spec;
    expect(template.spec.containers[0].args).toEqual(["on-push", argument]);
    expect(template.metadata.annotations).toEqual({ note: "a: {b}\n- c" });
  });

  it.each([
    ["a queue's name", ["--queue-name", "a/b"], "Cannot use --queue-name"],
    ["a role's name", ["--role-name", "a b"], "Cannot use --role-name"],
  ])("refuses what is not %s", async (_, args, message) => {
    const run = await runCommand([
      "render",
      "events",
      "--from",
      from,
      "--to",
      to,
      "--output-dir",
      "out",
      ...args,
    ]);
    expect([run.code, run.written.size]).toEqual([2, 0]);
    expect(run.stderr).toContain(message);
  });
});
