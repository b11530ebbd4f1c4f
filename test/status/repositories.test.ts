import { describe, expect, it } from "vitest";
import { heldModules } from "../../job/status/repositories.ts";

const production = { name: "production", registry: { host: "prod.example", prefix: "" } };
const staging = {
  name: "staging",
  registry: { host: "prod.example", prefix: "staging" },
  selection: { include: ["team/*"], exclude: ["team/scratch-*"] },
};
const catalog = {
  repositories: async () => ["team/api", "staging/team/api", "staging/team/scratch-1", "staging/base/node"],
};

describe("what a registry holds of an environment", () => {
  it("is what is below its prefix, and its selection takes in", async () => {
    expect(await heldModules(staging, [staging, production], catalog, undefined)).toEqual(["team/api"]);
  });

  it("is nothing of another environment in the same registry", async () => {
    expect(await heldModules(production, [staging, production], catalog, undefined)).toEqual(["team/api"]);
    expect(await heldModules(production, [production], catalog, undefined)).toHaveLength(4);
  });
});
