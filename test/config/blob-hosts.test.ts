import { expect, it } from "vitest";
import { blobHostRule } from "../../job/config/blob-hosts.ts";

const usual = ["*.aws.test"];
const written = {
  registries: [{ host: "*.ecr.test", blobHosts: ["cdn.test"] }],
  blobHosts: ["*.proxy.test"],
};
const silent = { registries: [{ host: "*.ecr.test" }], blobHosts: ["*.proxy.test"] };

it.each([
  ["usual hosts", silent, usual, "s3.aws.test", true],
  ["what the operator allows all", silent, usual, "a.proxy.test", true],
  ["what the operator allows this registry", written, usual, "cdn.test", true],
  ["nothing else", written, usual, "evil.test", false],
  ["not what is allowed another", silent, usual, "cdn.test", false],
  ["only what is written, where nothing is usual", written, undefined, "s3.aws.test", false],
  ["what is written, where nothing is usual", written, undefined, "cdn.test", true],
])("lets a registry lead to %s", (_what, settings, known, target, expected) => {
  expect(blobHostRule("a.ecr.test", settings, known)?.(target)).toBe(expected);
});

it("has no say where nobody said anything", () => {
  expect(blobHostRule("other.test", written, undefined)).toBeUndefined();
});
