import { describe, expect, it } from "vitest";
import { parseAssignment } from "../../job/render/value-assignment.ts";

describe("parseAssignment", () => {
  it.each([
    ["job.backoffLimit=3", { job: { backoffLimit: 3 } }],
    ["strict=true", { strict: true }],
    ["images=[a.example.com/b:1, 'c']", { images: ["a.example.com/b:1", "c"] }],
    ["image.tag='1.10'", { image: { tag: "1.10" } }],
    ["copy.timeout=", { copy: { timeout: "" } }],
    ["resources.limits=null", { resources: { limits: null } }],
    [
      String.raw`serviceAccount.annotations.eks\.amazonaws\.com/role-arn=arn:aws:iam::1:role/a=b`,
      { serviceAccount: { annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/a=b" } } },
    ],
  ])("reads %s", (text, values) => {
    expect(parseAssignment(text)).toEqual(values);
  });

  it.each(["", "job", "=1", "job..x=1", ".x=1", "x=[", "x={a"])("refuses %j", (text) => {
    expect(() => parseAssignment(text)).toThrow(expect.objectContaining({ code: "Usage" }));
  });
});
