import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { replicationRules } from "../../job/config/replication-rules.ts";

function load(sync: string) {
  const head = "apiVersion: image-promoter/v1\nkind: Promoter\nsync:\n";
  return loadConfiguration(head + sync, "promoter.yaml");
}

const rule = (fields: string) => `  rules: [{ name: one, ${fields} }]\n`;

describe("rules in a configuration", () => {
  it("are read with everything that they may say", () => {
    const configuration = load(
      rule(
        'from: [a.example/dev, b.example], to: c.example/prod, repositories: ["team/*"], exclude: [team/x], limit: 3, tags: { include: ["v*"], exclude: ["*-rc"], semver: ^1.2, prerelease: true, regex: "v.+", newest: 2, pushedSince: 7d }',
      ),
    );
    expect(replicationRules(configuration)).toMatchObject([
      {
        name: "one",
        route: {
          to: { host: "c.example", prefix: "prod" },
          from: [
            { host: "a.example", prefix: "dev" },
            { host: "b.example", prefix: "" },
          ],
        },
        repositories: ["team/*"],
        exclude: ["team/x"],
        limit: 3,
        tags: {
          include: ["v*"],
          exclude: ["*-rc"],
          versions: { text: "^1.2" },
          expression: { text: "v.+" },
          newest: 2,
          pushedSinceMs: 7 * 86_400_000,
        },
      },
    ]);
  });

  it("cover all repositories and tags where they say nothing", () => {
    const [read] = replicationRules(load("  rules: [{ name: one }]\n"));
    expect(read).toEqual({ name: "one", repositories: ["*"], exclude: [], tags: {} });
  });

  it("are chosen by name", () => {
    const configuration = load("  rules: [{ name: one }, { name: two }]\n");
    expect(replicationRules(configuration, ["two"]).map(({ name }) => name)).toEqual(["two"]);
    expect(() => replicationRules(configuration, ["three"])).toThrow("No rule is called");
    expect(replicationRules(undefined)).toEqual([]);
  });

  it.each([
    ["half a way", rule("from: a.example"), "both from and to"],
    ["prereleases of nothing", rule("tags: { prerelease: true }"), "semver beside"],
    ["an expression that could hang elsewhere", rule('tags: { regex: "(?=a)b" }'), "looks around"],
    ["no number", rule("tags: { newest: 0 }"), "3:"],
    ["a wrong age", rule("tags: { pushedSince: soon }"), "no duration"],
    ["an unknown field", rule("tag: {}"), 'did you mean "tags"'],
    ["two of one name", "  rules: [{ name: one }, { name: one }]\n", "same name"],
    ["no rule at all", "  rules: []\n", "rules"],
  ])("are refused with %s", (_what, sync, message) => {
    const line = message === "3:" ? "promoter.yaml:4" : message;
    expect(() => load(sync)).toThrow(line);
  });
});
