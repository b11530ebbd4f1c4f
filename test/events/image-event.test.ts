import { describe, expect, it } from "vitest";
import { readImageEvent } from "../../job/events/image-event.ts";
import { pushEvent, someDigest } from "./push-event.ts";

/** As AWS documents it, with a digest of full length. */
const documented = {
  version: "0",
  id: "13cde686-328b-6117-af20-0e5566167482",
  "detail-type": "ECR Image Action",
  source: "aws.ecr",
  account: "123456789012",
  time: "2019-11-16T01:54:34Z",
  region: "us-west-2",
  resources: [],
  detail: {
    result: "SUCCESS",
    "repository-name": "my-repository-name",
    "image-digest": "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12345678",
    "action-type": "PUSH",
    "image-tag": "latest",
  },
};

describe("an event of ECR", () => {
  it("tells what was pushed", () => {
    expect(readImageEvent(documented)).toEqual({
      kind: "push",
      id: "13cde686-328b-6117-af20-0e5566167482",
      time: "2019-11-16T01:54:34Z",
      source: {
        host: "123456789012.dkr.ecr.us-west-2.amazonaws.com",
        repository: "my-repository-name",
        tag: "latest",
      },
      digest: "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12345678",
    });
  });

  it("names the registry as its partition does", () => {
    expect(readImageEvent(pushEvent({ region: "cn-north-1", account: "999999999999" }))).toMatchObject({
      source: { host: "999999999999.dkr.ecr.cn-north-1.amazonaws.com.cn" },
    });
  });

  it.each([
    ["a deletion", pushEvent({ detail: { "action-type": "DELETE" } }), 'It tells of "DELETE", and no push'],
    ["a failed push", pushEvent({ detail: { result: "FAILURE" } }), 'The push did not succeed: "FAILURE"'],
    ["a member of an index", pushEvent({ tag: "" }), "It was pushed by digest, without a tag"],
    [
      "no tag at all",
      pushEvent({ detail: { "image-tag": undefined } }),
      "It was pushed by digest, without a tag",
    ],
    [
      "a scan",
      { ...documented, "detail-type": "ECR Image Scan", detail: { "scan-status": "COMPLETE" } },
      'It is "ECR Image Scan" of "aws.ecr", and no ECR Image Action',
    ],
    [
      "a replication",
      { ...documented, "detail-type": "ECR Replication Action" },
      'It is "ECR Replication Action" of "aws.ecr", and no ECR Image Action',
    ],
    [
      "a pull through cache",
      { ...documented, "detail-type": "ECR Pull Through Cache Action" },
      'It is "ECR Pull Through Cache Action" of "aws.ecr", and no ECR Image Action',
    ],
    [
      "somebody else's words",
      { ...documented, source: "com.example" },
      'It is "ECR Image Action" of "com.example", and no ECR Image Action',
    ],
  ])("is ignored when it is %s", (_, document, reason) => {
    expect(readImageEvent(document)).toMatchObject({ kind: "other", reason });
  });

  it.each<[string, unknown]>([
    ["no object", "PUSH"],
    ["nothing", null],
    ["a list", [documented]],
    ["no event", { Records: [] }],
    ["an event without id", { ...documented, id: undefined }],
    ["of no account", pushEvent({ account: "prod" })],
    ["of no region", pushEvent({ region: "eu west" })],
    ["of an account that leads elsewhere", pushEvent({ account: "evil.example.com/111111111111" })],
    ["of no repository", pushEvent({ detail: { "repository-name": 7 } })],
    ["of a path that climbs", pushEvent({ repository: "../../other" })],
    ["of no digest", pushEvent({ detail: { "image-digest": undefined } })],
    ["of a digest cut short", pushEvent({ digest: "sha256:7f5b2640" })],
    ["of a tag that is none", pushEvent({ tag: "1 --strict" })],
    ["of a tag that is a number", pushEvent({ detail: { "image-tag": 1 } })],
    ["without detail", { ...documented, detail: undefined, "detail-type": undefined }],
  ])("cannot be read when it is %s", (_, document) => {
    expect(() => readImageEvent(document)).toThrow(expect.objectContaining({ code: "InvalidInput" }));
  });

  it("does not repeat what a stranger wrote at length", () => {
    const { reason } = {
      reason: "",
      ...readImageEvent(pushEvent({ detail: { result: "x".repeat(5_000) } })),
    };
    expect(reason.length).toBeLessThan(200);
    expect(readImageEvent(pushEvent({ digest: someDigest }))).toMatchObject({ digest: someDigest });
  });
});
