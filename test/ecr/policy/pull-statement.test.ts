import { describe, expect, it } from "vitest";
import {
  accountArn,
  parseOrganization,
  parsePrincipal,
  parseSid,
  pullStatement,
} from "../../../job/ecr/policy/pull-statement.ts";

describe("the pull statement", () => {
  it("names principals, each once, and exactly what a pull takes", () => {
    const root = accountArn("222222222222", "aws");
    expect(pullStatement({ principals: [root, root] })).toEqual({
      Sid: "ImagePromoterPull",
      Effect: "Allow",
      Principal: { AWS: ["arn:aws:iam::222222222222:root"] },
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    });
  });

  it("lets scan findings be read only where that is wanted", () => {
    expect(pullStatement({ principals: ["a"] }, { scans: true }).Action).toEqual([
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
      "ecr:DescribeImageScanFindings",
    ]);
  });

  it("lets an organization in by a condition", () => {
    expect(pullStatement({ organization: "o-a1b2c3d4e5" }, { sid: "Mine", reads: true })).toEqual({
      Sid: "Mine",
      Effect: "Allow",
      Principal: "*",
      Action: ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages"],
      Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } },
    });
  });
});

describe("principals", () => {
  it.each([
    ["222222222222", "arn:aws-cn:iam::222222222222:root"],
    ["arn:aws:iam::222222222222:root", "arn:aws:iam::222222222222:root"],
    ["arn:aws:iam::222222222222:role/ci/image-promoter", "arn:aws:iam::222222222222:role/ci/image-promoter"],
    ["arn:aws-us-gov:iam::222222222222:user/ann", "arn:aws-us-gov:iam::222222222222:user/ann"],
  ])("%s", (text, arn) => {
    expect(parsePrincipal(text, "aws-cn")).toBe(arn);
  });

  it.each([
    "*",
    "22222222222",
    "arn:aws:iam::222222222222:role/*",
    "arn:aws:iam::*:root",
    "arn:aws:sts::222222222222:assumed-role/a/b",
    "arn:aws:iam::222222222222:role/",
    '222222222222"',
    "",
  ])("refuses %j", (text) => {
    expect(() => parsePrincipal(text, "aws")).toThrow(expect.objectContaining({ code: "Usage" }));
  });
});

it.each(["o-a1b2c3d4e5", `o-${"a".repeat(32)}`])("takes organization %s", (id) => {
  expect(parseOrganization(id)).toBe(id);
});

it.each(["o-short", "ou-a1b2-c3d4e5f6", "o-A1B2C3D4E5", "*", ""])("refuses organization %j", (id) => {
  expect(() => parseOrganization(id)).toThrow(expect.objectContaining({ code: "Usage" }));
});

it.each(["", "with space", "dash-ed", "ü", "a".repeat(101)])("refuses the Sid %j", (sid) => {
  expect(() => parseSid(sid)).toThrow(expect.objectContaining({ code: "Usage" }));
});
