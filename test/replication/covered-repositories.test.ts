import { describe, expect, it } from "vitest";
import { coveredRepositories } from "../../job/replication/covered-repositories.ts";
import type { ReplicationRule } from "../../job/replication/rule.ts";

const to = { host: "prod.example", prefix: "" };
const [staging, dev] = [
  { host: "staging.example", prefix: "" },
  { host: "dev.example", prefix: "" },
];

function rule(name: string, from: typeof dev): ReplicationRule {
  return { name, repositories: ["team/app"], exclude: [], tags: {}, route: { to, from: [from] } };
}

const catalog = { repositories: async () => [] };

describe("a repository of several rules", () => {
  it.each([
    ["one way", [rule("one", dev), rule("other", dev)], undefined],
    ["two ways, of which the first decides", [rule("one", dev), rule("other", staging)], true],
  ])("has %s", async (_what, rules, hasOtherWays) => {
    const [covered, ...more] = await coveredRepositories({ rules, routes: [], catalog });
    expect(more).toEqual([]);
    expect(covered?.rules.map(({ name }) => name)).toEqual(["one", "other"]);
    expect(covered?.sources).toEqual([{ host: "dev.example", repository: "team/app" }]);
    expect(covered?.hasOtherWays).toBe(hasOtherWays);
  });
});
