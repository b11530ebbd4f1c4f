import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { pushEvent } from "../events/push-event.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import type { CommandRun } from "../scenarios/command-run.ts";
import { prodAccount, region, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { describeWithTool } from "../tool.ts";
import { type Moto, startMoto } from "./moto.ts";

describeWithTool("moto_server", () => {
  let moto: Moto;
  let sqs: SQSClient;
  let made = 0;
  beforeAll(async () => {
    moto = await startMoto();
    const credentials = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "none" };
    sqs = new SQSClient({ region, endpoint: moto.url, credentials });
  }, 60_000);
  afterAll(async () => {
    sqs?.destroy();
    await moto?.[Symbol.asyncDispose]();
  });

  /** A queue with a dead-letter queue behind it. */
  async function queues(maxReceiveCount: number) {
    made += 1;
    const create = async (QueueName: string, Attributes: Record<string, string> = {}) =>
      (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? "";
    const counts = async (QueueUrl: string) => {
      const AttributeNames: QueueAttributeName[] = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "QueueArn",
      ];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return {
        waiting: Number(Attributes?.ApproximateNumberOfMessages),
        taken: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
        arn: Attributes?.QueueArn,
      };
    };
    const dead = await create(`events-${made}-dead`);
    const deadLetterTargetArn = (await counts(dead)).arn;
    const url = await create(`events-${made}`, {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
    });
    return {
      url,
      send: (body: object) =>
        sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(body) })),
      left: async () => {
        const { waiting, taken } = await counts(url);
        return waiting + taken;
      },
      dead: async () => (await counts(dead)).waiting,
    };
  }

  /** Runs `on-push` on a queue until `until` holds. */
  async function worked(
    world: TwoAccounts,
    url: string,
    until: () => Promise<void>,
    args: readonly string[] = [],
  ): Promise<CommandRun> {
    const stop = new AbortController();
    const running = world.run(["on-push", "--queue-url", url, ...args], {
      env: { AWS_ENDPOINT_URL_SQS: moto.url, AWS_REGION: region },
      signal: stop.signal,
    });
    try {
      await Promise.race([
        vi.waitFor(until, { timeout: 20_000, interval: 50 }),
        running.then(({ stderr }) => Promise.reject(new Error(`it has ended: ${stderr}`))),
      ]);
    } finally {
      stop.abort(new Error("stopped"));
    }
    return running;
  }

  const reportsOf = ({ stdout }: CommandRun) =>
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));

  describe("on-push at a queue of SQS that is not ours", { timeout: 30_000 }, () => {
    it("promotes what events tell of, in SNS's envelope too, and deletes what is done", async () => {
      await using world = await twoAccounts();
      const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1", "2"] });
      const prod = world.prod("team/app");
      const { url, send, left, dead } = await queues(3);
      const digest = rootDigest(fixture);
      await send(pushEvent({ id: "plain", digest, tag: "1" }));
      await send({
        Type: "Notification",
        MessageId: "m",
        TopicArn: `arn:aws:sns:${region}:${prodAccount}:pushes`,
        Message: JSON.stringify(pushEvent({ id: "wrapped", digest, tag: "2" })),
      });
      await send(pushEvent({ id: "deleted", digest, detail: { "action-type": "DELETE" } }));
      const run = await worked(world, url, async () => expect(await left()).toBe(0));
      expect([run.code, [...prod.imageTags.keys()].toSorted()]).toEqual([0, ["1", "2"]]);
      const outcomes = reportsOf(run).map(({ event, outcome }) => `${event} ${outcome}`);
      expect(outcomes.toSorted()).toEqual(["deleted ignored", "plain promoted", "wrapped promoted"]);
      expect(await dead()).toBe(0);
    });

    it("leaves what fails: it comes again, and ends in the dead-letter queue", async () => {
      await using world = await twoAccounts();
      const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
      const { url, send, left, dead } = await queues(2);
      // Nobody has made the destination's repository.
      await send(pushEvent({ id: "stuck", digest: rootDigest(fixture) }));
      const run = await worked(world, url, async () => expect([await left(), await dead()]).toEqual([0, 1]), [
        "--visibility",
        "2s",
      ]);
      expect(reportsOf(run).map(({ event, outcome }) => [event, outcome])).toEqual([
        ["stuck", "failed"],
        ["stuck", "failed"],
      ]);
      expect(run.stderr).toContain("for the dead-letter queue");
      expect(run.stderr).toContain('"received":2');
    });

    it("keeps a message hidden for as long as its image takes", async () => {
      await using world = await twoAccounts();
      const fixture = placeImage(world.dev("team/app"), image({ layers: [60_000] }), { tags: ["1"] });
      world.prod("team/app");
      world.emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: 15_000 });
      const { url, send, left } = await queues(5);
      await send(pushEvent({ digest: rootDigest(fixture) }));
      const run = await worked(world, url, async () => expect(await left()).toBe(0), ["--visibility", "2s"]);
      expect(reportsOf(run)).toHaveLength(1);
      expect(reportsOf(run)).toMatchObject([{ outcome: "promoted" }]);
    });

    it("says what is wrong with a queue that is not there", async () => {
      await using world = await twoAccounts();
      const { url } = await queues(5);
      const run = await world.run(["on-push", "--queue-url", `${url}-gone`], {
        env: { AWS_ENDPOINT_URL_SQS: moto.url, AWS_REGION: region },
      });
      expect(run.code).toBe(2);
      expect(run.stderr).toContain("error [InvalidConfiguration]: Cannot call sqs:ReceiveMessage");
      expect(run.stderr).toContain("aws sqs get-queue-url");
    });
  });
});
