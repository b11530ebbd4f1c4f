import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { lateModule } from "../../job/start/late-module.ts";

/** What a module of Node's might export. */
const exported = { one: 1, Base: class {}, count: () => 2 };

/** A module as the bundler writes it, which requires a late module; with how often that was loaded since. */
async function run(source: string) {
  const { code } = await transform(source, { format: "cjs", supported: { "dynamic-import": false } });
  const state = { loads: 0 };
  const late = lateModule(() => {
    state.loads += 1;
    return exported;
  });
  const module: { exports: Record<string, unknown> } = { exports: {} };
  new Function("require", "module", "exports", code)(() => late, module, module.exports);
  return { module, state };
}

describe("a module that is loaded late", () => {
  it.each([
    ["names", 'import { one } from "node:late"; export const get = () => one;', 1],
    ["a default", 'import late from "node:late"; export const get = () => late.one;', 1],
    ["a namespace", 'import * as late from "node:late"; export const get = () => late.one;', 1],
    ["both", 'import late, { one } from "node:late"; export const get = () => late.one + one;', 2],
    ["a function", 'import { count } from "node:late"; export const get = () => count();', 2],
    ["a question", 'import * as late from "node:late"; export const get = () => "one" in late;', true],
    ["a require", 'const late = require("node:late"); module.exports.get = () => late.one;', 1],
  ])("waits until it is used: %s", async (_, source, expected) => {
    const { module, state } = await run(source);
    expect(state.loads).toBe(0);
    expect((module.exports.get as () => unknown)()).toBe(expected);
    expect(state.loads).toBeGreaterThan(0);
  });

  it("takes what is set for the module", async () => {
    const { module } = await run(
      'const late = require("node:late"); late.two = 2; module.exports.two = late.two;',
    );
    expect(module.exports.two).toBe(2);
    expect(exported).toMatchObject({ two: 2 });
  });

  it("is there for what is made of it at once", async () => {
    const { module } = await run('import { Base } from "node:late"; export class Derived extends Base {}');
    expect(new (module.exports.Derived as new () => object)()).toBeInstanceOf(exported.Base);
  });

  it("has the names and the default that an import gives", async () => {
    const { module } = await run('export const get = () => import("node:late");');
    const late = await (
      module.exports.get as () => Promise<typeof exported & { default: typeof exported }>
    )();
    const { one, count } = late;
    expect([one, count(), late.default.one]).toEqual([1, 2, 1]);
  });
});
