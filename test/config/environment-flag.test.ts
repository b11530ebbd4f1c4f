import { describe, expect, it } from "vitest";
import { conflictWith, parseEnvironmentFlag } from "../../job/config/environment-flag.ts";

describe("parseEnvironmentFlag", () => {
  it.each([
    [
      "dev=111111111111/eu-west-1",
      { registry: { account: "111111111111", region: "eu-west-1" }, prefix: "" },
    ],
    [
      "dev=012345678901/cn-north-1/a/b/",
      { registry: { account: "012345678901", region: "cn-north-1" }, prefix: "a/b" },
    ],
    ["dev=localhost:5000", { registry: { host: "localhost:5000" }, prefix: "" }],
    ["dev=registry.example.com/team", { registry: { host: "registry.example.com" }, prefix: "team" }],
  ])("reads %s", (text, said) => {
    expect(parseEnvironmentFlag(text)).toEqual({ name: "dev", ...said });
  });

  it.each([
    ["dev", '"dev" has no = behind its name'],
    ["Dev=a.b", '"Dev" is no name of an environment'],
    ["=a.b", '"" is no name of an environment'],
    ["dev=1111/eu-west-1", 'Cannot read the registry "1111/eu-west-1": an account has 12 digits, not 4'],
    ["dev=111111111111", 'Cannot read the registry "111111111111": "" is no AWS region'],
    ["dev=111111111111/europe", 'Cannot read the registry "111111111111/europe": "europe" is no AWS region'],
    ["dev=https://a.b", 'Cannot read the registry "https://a.b": it begins with https://'],
    ["dev=nowhere", 'Cannot read the registry "nowhere": "nowhere" has neither a dot nor a port'],
    [
      "dev=111111111111/eu-west-1/Team",
      'Cannot read the registry "111111111111.dkr.ecr.eu-west-1.amazonaws.com/Team": "Team" is no repository prefix',
    ],
  ])("refuses %j", (text, message) => {
    expect(() => parseEnvironmentFlag(text)).toThrow(expect.objectContaining({ code: "Usage", message }));
  });
});

describe("conflictWith", () => {
  const said = parseEnvironmentFlag;

  it.each([
    ["a=111111111111/eu-west-1", "a=222222222222/eu-west-1", "Two environments are called a"],
    ["a=111111111111/eu-west-1/x", "b=111111111111/eu-west-1/x", "a and b have the same registry"],
    [
      "a=111111111111/eu-west-1",
      "b=111111111111.dkr.ecr.eu-west-1.amazonaws.com",
      "a and b have the same registry",
    ],
    ["a=111111111111/eu-west-1", "b=111111111111/eu-west-2", undefined],
    ["a=a.b", "b=a.b/x", undefined],
  ])("%s and %s: %s", (one, other, message) => {
    expect(conflictWith([said("z=z.z"), said(one)], said(other))?.message).toBe(message);
  });
});
