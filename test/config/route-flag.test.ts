import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatRegistryPrefix,
  parseRegistryPrefix,
  parseRegistryPrefixes,
} from "../../job/config/route-flag.ts";

describe("parseRegistryPrefix", () => {
  it.each([
    ["111122223333.dkr.ecr.eu-west-1.amazonaws.com", "111122223333.dkr.ecr.eu-west-1.amazonaws.com", ""],
    ["a.b/team", "a.b", "team"],
    ["a.b/team/sub/", "a.b", "team/sub"],
    ["a.b/", "a.b", ""],
    ["localhost", "localhost", ""],
    ["localhost:5000/x", "localhost:5000", "x"],
    ["[::1]:5000", "[::1]:5000", ""],
    ["registry:5000", "registry:5000", ""],
  ])("reads %s", (text, host, prefix) => expect(parseRegistryPrefix(text)).toEqual({ host, prefix }));

  it.each([
    ["", '"" is no host'],
    ["https://a.b", "it begins with https://"],
    ["OCI://a.b/x", "it begins with OCI://"],
    ["dev", '"dev" has neither a dot nor a port'],
    ["dev/team", '"dev" has neither a dot nor a port'],
    ["a.b/team:1", '"team:1" is no repository prefix'],
    ["a.b/team@sha256:0", '"team@sha256:0" is no repository prefix'],
    ["a.b//x", '"/x" is no repository prefix'],
    ["a.b/Team", '"Team" is no repository prefix'],
    ["a b", '"a b" is no host'],
    ["a.b:x", '"a.b:x" is no host'],
  ])("refuses %j", (text, what) => {
    expect(() => parseRegistryPrefix(text)).toThrow(
      expect.objectContaining({
        code: "InvalidConfiguration",
        message: `Cannot read the registry ${JSON.stringify(text)}: ${what}`,
        hint: expect.any(String),
      }),
    );
  });

  it("reads back what it writes", () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.oneof(
      part.map((name) => `${name}.example.com`),
      fc.tuple(part, fc.nat(65535)).map(([name, port]) => `${name}:${port}`),
    );
    fc.assert(
      fc.property(host, fc.array(part, { maxLength: 3 }), (name, parts) => {
        const written = { host: name, prefix: parts.join("/") };
        expect(parseRegistryPrefix(formatRegistryPrefix(written))).toEqual(written);
      }),
    );
  });
});

describe("parseRegistryPrefixes", () => {
  it("keeps the order", () => {
    expect(parseRegistryPrefixes("a.b/x, c.d")).toEqual([
      { host: "a.b", prefix: "x" },
      { host: "c.d", prefix: "" },
    ]);
  });

  it("refuses an empty part", () => {
    expect(() => parseRegistryPrefixes("a.b,")).toThrow('Cannot read the registry "": "" is no host');
  });
});
