import { describe, expect, it } from "vitest";
import { entryFor, parseHost, parseHostPattern } from "../../job/config/host-pattern.ts";

describe("parseHostPattern", () => {
  it.each(["a.b", "localhost:5000", "[::1]:5000", "*.b", "*.dkr.ecr.eu-west-1.amazonaws.com"])(
    "takes %s",
    (text) => {
      expect(parseHostPattern(text)).toBe(text);
    },
  );

  it.each(["", "*", "*.", "a.*.b", "**.b", "https://a.b", "a.b/x", "a b"])("refuses %j", (text) => {
    expect(() => parseHostPattern(text)).toThrow(`${JSON.stringify(text)} is no registry host`);
  });

  it("is refused where one host is needed", () => {
    expect(() => parseHost("*.b")).toThrow('"*.b" is no registry host');
  });
});

describe("entryFor", () => {
  const entries = ["*.example.com", "*.eu.example.com", "a.eu.example.com", "localhost:5000"].map((host) => ({
    host,
  }));

  it.each([
    ["a.eu.example.com", "a.eu.example.com"],
    ["b.eu.example.com", "*.eu.example.com"],
    ["c.b.eu.example.com", "*.eu.example.com"],
    ["eu.example.com", "*.example.com"],
    ["localhost:5000", "localhost:5000"],
    ["localhost:5001", undefined],
    ["example.com", undefined],
    [".example.com", undefined],
    ["notexample.com", undefined],
  ])("%s is found under %s", (host, found) => {
    expect(entryFor(host, entries)?.host).toBe(found);
    expect(entryFor(host, entries.toReversed())?.host).toBe(found);
  });
});
