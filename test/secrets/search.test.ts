import { randomBytes } from "node:crypto";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runProgram } from "../integration/run-tool.ts";
import { leaksIn } from "./search.ts";

describe("the search for secrets in what tests let the program write", () => {
  const secret = randomBytes(30).toString("base64");

  it.each<[how: string, text: string]>([
    ["as it is", `password ${secret}, sorry`],
    ["at the very end", secret],
    ["in an address", `https://s3.example/?sig=${encodeURIComponent(secret)}`],
    ["in JSON", JSON.stringify({ error: `no ${secret}` })],
    ["in a Basic header", `Basic ${Buffer.from(`AWS:${secret}`).toString("base64")}`],
    ["in a Basic header of a longer name", `Basic ${Buffer.from(`me:${secret}`).toString("base64")}`],
    ["in base64url", Buffer.from(`.${secret}.`).toString("base64url")],
  ])("finds one %s, and does not repeat it", (_how, text) => {
    const leaks = leaksIn([{ from: "stdout", text }], [randomBytes(30).toString("base64"), secret]);
    expect(leaks).toMatchObject([{ from: "stdout" }]);
    expect(JSON.stringify(leaks)).not.toContain(secret.slice(0, 12));
  });

  it("finds none in another, nor in a piece of one", () => {
    const other = randomBytes(30).toString("base64");
    const outputs = [{ from: "stdout", text: `${other} ${secret.slice(0, 20)}` }];
    expect(leaksIn(outputs, [secret])).toEqual([]);
    expect(leaksIn(outputs, [])).toEqual([]);
  });

  it("fails a run in which the program writes one, here or in a process of its own", {
    timeout: 60_000,
  }, async () => {
    const vitest = "node_modules/vitest/vitest.mjs";
    const config = "test/secrets/leaking.config.ts";
    const run = await runProgram(process.execPath, [vitest, "run", "--config", config]);
    const said = `${run.stdout}${run.stderr}`;
    expect(run.code).toBe(1);
    expect(said).toContain("2 passed");
    expect(said).toMatch(/A secret was written:\n.*std(?:out|err) of image-promoter plan no image: …/);
    expect(said).toMatch(/std(?:out|err) of \S+ job\/main\.ts plan no image: …/);
  });
});
