import { describe, expect, it } from "vitest";
import { parseValues } from "../../job/render/parse-values.ts";
import { runCommand } from "../scenarios/command-run.ts";
import { secret } from "../secrets/ledger.ts";

/** Nine to the twelfth: more than any memory holds. */
const bomb = Array.from(
  { length: 12 },
  (_, level) => `a${level}: &a${level} [${Array(9).fill(level === 0 ? "x" : `*a${level - 1}`)}]`,
).join("\n");

const merging = Array.from(
  { length: 12 },
  (_, level) => `m${level}: &m${level} {<<: [${Array(9).fill(level === 0 ? "{x: 1}" : `*m${level - 1}`)}]}`,
).join("\n");

describe("YAML whose aliases explode is refused", () => {
  const route = ["--from", "127.0.0.1:1", "--to", "127.0.0.1:2"];

  it.each([
    [
      "as the configuration",
      ["plan", "--config", "bomb.yaml"],
      "apiVersion: image-promoter/v1\nkind: Promoter\n",
    ],
    [
      "as manifests",
      ["plan", "-f", "bomb.yaml", ...route],
      "apiVersion: apps/v1\nkind: Deployment\nimage: x\n",
    ],
    [
      "as manifests on standard input",
      ["plan", "-f", "-", ...route],
      "apiVersion: v1\nkind: Pod\nimage: x\n",
    ],
    [
      "as manifests to inject into",
      ["inject", "-f", "bomb.yaml", ...route],
      "apiVersion: v1\nkind: Pod\nimage: x\n",
    ],
  ])("%s", async (_where, args, head) => {
    for (const body of [bomb, `spec: &s {containers: [*s]}\n${bomb}`, merging]) {
      const text = `${head}${body}\n`;
      const begun = performance.now();
      const run = await runCommand(args, { files: { "bomb.yaml": text }, input: text });
      expect(run.code).toBe(2);
      expect(run.stdout).toBe("");
      expect(performance.now() - begun).toBeLessThan(10_000);
    }
  });

  it.each([bomb, merging])("as values: %#", (text) => {
    expect(() => parseValues(text, "values.yaml")).toThrow(
      expect.objectContaining({ code: "InvalidConfiguration" }),
    );
  });
});

describe("a secret in a configuration is not echoed", () => {
  const key = secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

  it.each([
    ["as a registry's password", `registries: [{host: a.b, password: ${key}}]`],
    ["as credentials of an endpoint", `registries: [{host: a.b, endpoint: "https://AWS:${key}@c.d"}]`],
    ["as an endpoint", `registries: [{host: a.b, endpoint: ${key}}]`],
    ["as an unknown field", `accessKey: ${key}`],
    ["as a field's name", `copy:\n  ${key}: x`],
    ["as a choice", `copy: {overwrite: ${key}}`],
    ["as a number", `copy: {concurrency: ${key}}`],
    ["as a duration", `copy: {timeout: ${key}}`],
    ["in a text that is no YAML", `token: "${key}\n`],
    ["on a line of its own", `- ${key}`],
    ["as an external id", `registries: [{host: a.b, externalId: "${key} !"}]`],
    ["as a region", `environments: {a: {account: "111111111111", region: ${key}}}`],
    ["as a host", `registries: [{host: "${key}"}]`],
    ["as a host with a user", `routes: [{to: a.b, from: "AWS:${key}@c.d"}]`],
    ["as an image", `images: ["AWS:${key}@c.d/x:1"]`],
    ["as an environment's name", `environments: {a: {registry: a.b, promotesFrom: [${key}]}}`],
  ])("%s", async (_where, line) => {
    const text = `apiVersion: image-promoter/v1\nkind: Promoter\n${line}\n`;
    const run = await runCommand(["plan", "--config", "promoter.yaml"], { files: { "promoter.yaml": text } });
    expect(run.code).toBe(2);
    // Where it stands is told all the same; the key itself is searched for by every test file.
    expect(run.stderr).toContain("promoter.yaml:");
    expect(run.stdout + run.stderr).not.toContain(key);
  });
});
