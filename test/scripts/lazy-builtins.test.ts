import { describe, expect, it } from "vitest";
import { requireBuiltins } from "../../scripts/lazy-builtins.ts";

describe("imports of Node's own modules become calls", () => {
  it.each([
    ['import a from"node:path";', 'const a=require("node:path");'],
    ['import*as a from"node:zlib";', 'const a=require("node:zlib");'],
    ['import{join}from"node:path";', 'const join=require("node:path").join;'],
    [
      'import{join as join2,sep}from"node:path";',
      'const join2=require("node:path").join,sep=require("node:path").sep;',
    ],
    ['import a,{b as c}from"node:fs";', 'const a=require("node:fs"),c=require("node:fs").b;'],
    [
      'let x=1;import{delay}from"node:timers/promises";',
      'let x=1;const delay=require("node:timers/promises").delay;',
    ],
  ])("%s", (code, expected) => expect(requireBuiltins(code)).toBe(expected));

  it("which load what takes long when it is first needed", () => {
    expect(requireBuiltins('import{createHash as hash,webcrypto}from"node:crypto";')).toBe(
      'const hash=(...given)=>require("node:crypto").createHash(...given),webcrypto=require("node:crypto").webcrypto;',
    );
  });

  it.each([
    'import{a}from"./chunk-ABC.js";',
    'export{a}from"node:path";',
    'const text="import a from\\"node:path\\";";',
    'await import("node:path");',
  ])("and nothing else does: %s", (code) => expect(requireBuiltins(code)).toBe(code));
});
