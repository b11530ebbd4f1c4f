import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { configurationText } from "../../job/config/configuration-text.ts";
import { environmentsOf } from "../../job/config/environment.ts";
import type { SaidEnvironment } from "../../job/config/environment-flag.ts";
import { loadConfiguration } from "../../job/config/load.ts";

const three: readonly SaidEnvironment[] = [
  { name: "development", registry: { account: "012345678901", region: "eu-west-1" }, prefix: "" },
  { name: "staging", registry: { host: "localhost:5000" }, prefix: "stage" },
  { name: "production", registry: { account: "222222222222", region: "cn-north-1" }, prefix: "a/b" },
];

/** What is left when every line that is commented out counts. */
function withExamples(text: string): string {
  return text.replaceAll(/^(\s*)# (\w+: .*)$/gm, "$1$2");
}

describe("configurationText", () => {
  it("says what was wanted: each environment promotes from those before it, the nearest first", () => {
    const configuration = loadConfiguration(
      configurationText({ environments: three, createRepositories: true }),
      "promoter.yaml",
    );
    expect(environmentsOf(configuration)).toMatchObject([
      { name: "development", account: "012345678901", promotesFrom: [] },
      {
        name: "staging",
        registry: { host: "localhost:5000", prefix: "stage" },
        promotesFrom: ["development"],
      },
      {
        name: "production",
        registry: { host: "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn", prefix: "a/b" },
        promotesFrom: ["staging", "development"],
      },
    ]);
    expect(configuration.copy?.createRepositories).toMatchObject({ exclusionFilters: ["sha256-*"] });
  });

  it("says one route", () => {
    const route = {
      from: [
        { host: "[::1]:5000", prefix: "x" },
        { host: "1.2", prefix: "" },
      ],
      to: { host: "prod.test", prefix: "y" },
    };
    const text = configurationText({ environments: [], route, createRepositories: false });
    expect(loadConfiguration(text, "p")).toMatchObject({
      routes: [{ from: ["[::1]:5000/x", "1.2"], to: "prod.test/y" }],
      copy: { createRepositories: false },
    });
  });

  it.each([true, false])("has only examples that can be used", (createRepositories) => {
    const text = configurationText({ environments: three, createRepositories });
    const used = loadConfiguration(withExamples(text), "p");
    expect(used.environments?.production).toMatchObject({
      images: { include: ["team/*"] },
      strict: true,
      copy: { overwrite: "never" },
      jobRoleArn: "arn:aws:iam::222222222222:role/image-promoter",
    });
    expect(used.environments?.development).toMatchObject({ externalId: expect.any(String) });
    expect(used).toMatchObject({
      imagePaths: [expect.any(String)],
      registries: [{ host: expect.any(String) }],
    });
  });

  it("is read back whatever the names are", () => {
    const word = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);
    const registry = fc.oneof(
      fc.record({
        account: fc.stringMatching(/^\d{12}$/),
        region: fc.constantFrom("eu-west-1", "us-gov-west-1"),
      }),
      fc.record({
        host: fc.oneof(word, fc.constantFrom("[::1]", "1", "0x1f")).map((name) => `${name}:5000`),
      }),
    );
    const prefix = fc.oneof(
      fc.constantFrom("", "null", "true", "1e3", "0x10", "1.5"),
      fc.stringMatching(/^[a-z0-9]+(?:\/[a-z0-9]+)?$/),
    );
    const name = fc.oneof(word, fc.constantFrom("true", "null", "12", "1e3", "0x1f"));
    const environments = fc.uniqueArray(fc.record({ name, registry, prefix }), {
      selector: (said) => said.name,
      minLength: 2,
      maxLength: 4,
    });
    fc.assert(
      fc.property(environments, (said) => {
        const apart = said.map((each, index) => ({
          ...each,
          prefix: `${each.prefix}${each.prefix && "/"}p${index}`,
        }));
        const read = environmentsOf(
          loadConfiguration(configurationText({ environments: apart, createRepositories: false }), "p"),
        );
        // JavaScript puts keys that look like indices before the others.
        const byName = new Map(read.map((each) => [each.name, each]));
        for (const [index, { name: expected, prefix: path }] of apart.entries()) {
          expect(byName.get(expected)).toMatchObject({
            registry: { prefix: path },
            promotesFrom: apart
              .slice(0, index)
              .reverse()
              .map((before) => before.name),
          });
        }
      }),
      { numRuns: 200 },
    );
  });
});
