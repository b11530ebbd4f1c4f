import { describe, expect, it } from "vitest";
import { coalesce, defaultsOf, layOver } from "../../job/render/coalesce.ts";

const defaults = { a: { b: 1, c: [1, 2] }, d: "x", e: {} };

describe("coalesce", () => {
  it.each([
    ["nothing", undefined, defaults],
    ["an empty file", null, defaults],
    ["fields, which are merged", { a: { b: 2 } }, { ...defaults, a: { b: 2, c: [1, 2] } }],
    ["lists, which are replaced", { a: { c: [3] } }, { ...defaults, a: { b: 1, c: [3] } }],
    ["null, which takes a default out", { a: { b: null }, d: null }, { a: { c: [1, 2] }, e: {} }],
    ["null without a default, which stays", { e: { f: null } }, { ...defaults, e: { f: null } }],
    ["fields where there were none", { d: { g: 1 } }, { ...defaults, d: { g: 1 } }],
    ["what is undefined, which is not there", { d: undefined }, defaults],
  ])("lays %s over defaults", (_name, values, whole) => {
    expect(coalesce(defaults, values)).toEqual(whole);
  });

  it("leaves the defaults as they are", () => {
    coalesce(defaults, { a: { b: 5 }, d: null });
    expect(defaults).toEqual({ a: { b: 1, c: [1, 2] }, d: "x", e: {} });
  });
});

it("lays files of values over each other without losing a null", () => {
  expect(layOver({ a: { b: 1 }, c: 2 }, { a: { b: null, d: 3 } })).toEqual({ a: { b: null, d: 3 }, c: 2 });
});

it("finds the defaults of a schema at every depth", () => {
  const schema = {
    properties: {
      a: { properties: { b: { default: 1 }, c: { type: "string" } } },
      d: { default: {} },
      e: { type: "object" },
    },
  };
  expect(defaultsOf(schema)).toEqual({ a: { b: 1 }, d: {} });
});
