import { describe, expect, it } from "vitest";
import { parseQueueUrl } from "../../job/ecr/queue-address.ts";

describe("the address of a queue", () => {
  it.each([
    ["https://sqs.eu-west-1.amazonaws.com/111111111111/events", "eu-west-1"],
    ["https://sqs-fips.us-gov-west-1.amazonaws.com/111111111111/events", "us-gov-west-1"],
    ["https://eu-west-1.queue.amazonaws.com/111111111111/events", "eu-west-1"],
    ["https://sqs.cn-north-1.amazonaws.com.cn/111111111111/events", "cn-north-1"],
    ["https://sqs.eu-west-1.api.aws/111111111111/events", "eu-west-1"],
    ["https://vpce-0123-abc.sqs.eu-central-1.vpce.amazonaws.com/111111111111/events", "eu-central-1"],
  ])("%s says its region", (url, region) => {
    expect(parseQueueUrl(url, "elsewhere-1")).toEqual({ url, region });
  });

  it.each(["http://127.0.0.1:5000/111111111111/events", "https://emulator.example.com/111111111111/events"])(
    "%s needs somebody else to say it",
    (url) => {
      expect(parseQueueUrl(url, "eu-west-1")).toEqual({ url, region: "eu-west-1" });
      expect(() => parseQueueUrl(url, undefined)).toThrow(expect.objectContaining({ code: "Usage" }));
    },
  );

  it.each([
    "events",
    "arn:aws:sqs:eu-west-1:111111111111:events",
    "http://sqs.eu-west-1.amazonaws.com/111111111111/events",
    "https://sqs.eu-west-1.amazonaws.com/events",
    "https://user:secret@sqs.eu-west-1.amazonaws.com/111111111111/events",
    "https://sqs.eu-west-1.amazonaws.com/111111111111/events?Action=DeleteQueue",
  ])("is not %s", (url) => {
    expect(() => parseQueueUrl(url, "eu-west-1")).toThrow(
      expect.objectContaining({ code: "Usage", message: "The address of the queue is none of SQS" }),
    );
  });
});
