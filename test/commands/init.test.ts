import { describe, expect, it } from "vitest";
import { environmentsOf } from "../../job/config/environment.ts";
import { loadConfiguration } from "../../job/config/load.ts";
import { type CommandOptions, runCommand } from "../scenarios/command-run.ts";

const two = [
  "--environment",
  "development=111111111111/eu-west-1",
  "--environment",
  "production=222222222222/eu-west-1",
];
const elsewhere = ["--output-file", "/nowhere/promoter.yaml"];

async function initialise(args: readonly string[], options: CommandOptions = {}) {
  const run = await runCommand(["init", ...args], options);
  const text = run.written.get("/nowhere/promoter.yaml");
  return { ...run, configuration: text === undefined ? undefined : loadConfiguration(text, "promoter.yaml") };
}

describe("init by flags", () => {
  it("writes what it says, and how to go on", async () => {
    const run = await initialise([...two, ...elsewhere, "--create-repositories"]);
    expect(run).toMatchObject({ code: 0, stdout: "" });
    expect(run.stderr).toContain("image-promoter doctor --config /nowhere/promoter.yaml\n");
    const { configuration } = run;
    expect(configuration && environmentsOf(configuration).map(({ name }) => name)).toEqual([
      "development",
      "production",
    ]);
    expect(configuration?.copy?.createRepositories).toMatchObject({ imageTagMutability: "IMMUTABLE" });
  });

  it("names the environment in the next step where several promote", async () => {
    const run = await initialise([...two, "--environment", "dr=333333333333/eu-west-2", ...elsewhere]);
    expect(run.stderr).toContain("--environment dr\n");
  });

  it("writes a route", async () => {
    const run = await initialise(["--from", "a.test,b.test/x", "--to", "c.test", ...elsewhere]);
    expect(run.configuration?.routes).toEqual([{ from: ["a.test", "b.test/x"], to: "c.test" }]);
  });

  it("writes promoter.yaml unless told otherwise", async () => {
    const run = await runCommand(["init", ...two]);
    expect([...run.written.keys()]).toEqual(["promoter.yaml"]);
  });

  it("writes to standard output, and no file", async () => {
    const run = await runCommand(["init", ...two, "--output-file", "-"], { files: { "-": "something" } });
    expect(run).toMatchObject({ code: 0, stderr: "", written: new Map() });
    expect(environmentsOf(loadConfiguration(run.stdout, "p"))).toHaveLength(2);
  });

  it("overwrites nothing, unless forced to", async () => {
    const files = { "promoter.yaml": "precious" };
    const refused = await runCommand(["init", ...two], { files });
    expect(refused).toMatchObject({ code: 2, written: new Map() });
    expect(refused.stderr).toContain("promoter.yaml exists already");
    const forced = await runCommand(["init", ...two, "--force"], { files });
    expect([forced.code, [...forced.written.keys()]]).toEqual([0, ["promoter.yaml"]]);
  });

  it("takes what it cannot read for a file that is there", async () => {
    const run = await runCommand(["init", ...two, "--output-file", "/"]);
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("/ exists already") });
  });

  it.each([
    [["--environment", "production=222222222222/eu-west-1"], "One environment has nowhere to promote from"],
    [[...two, ...two.slice(2)], "Two environments are called production"],
    [[...two, "--from", "a.test"], "Environments and a route are two ways to say the same"],
    [["--from", "a.test"], "A route needs both ends: --to is absent"],
    [["--environment", "x"], '"x" has no = behind its name'],
    [["--from", "a.test", "--to", "https://b.test"], "it begins with https://"],
    [[], "Nobody is at a terminal to answer questions"],
  ])("refuses %j", async (args, message) => {
    const run = await runCommand(["init", ...args, ...elsewhere]);
    expect(run).toMatchObject({
      code: 2,
      stdout: "",
      written: new Map(),
      stderr: expect.stringContaining(message),
    });
  });
});

describe("init by questions", () => {
  it("asks until nothing comes any more", async () => {
    const answers = [
      "",
      "111111111111/eu-west-1",
      "staging",
      "333333333333",
      "production",
      "222222222222/eu-west-1/team",
      "",
      "y",
    ];
    const { code, configuration, stderr } = await initialise(elsewhere, { answers });
    expect(code).toBe(0);
    expect(stderr).toContain("Where are images built? [development]: ");
    expect(configuration && environmentsOf(configuration)).toMatchObject([
      { name: "development", account: "111111111111", region: "eu-west-1" },
      { name: "staging", account: "333333333333", region: "eu-west-1", promotesFrom: ["development"] },
      { name: "production", registry: { prefix: "team" }, promotesFrom: ["staging", "development"] },
    ]);
    expect(configuration?.copy?.createRepositories).toBeTypeOf("object");
  });

  it("asks again, and says why", async () => {
    const answers = [
      "Dev",
      "dev",
      "111111111111",
      "dev.test",
      "",
      "dev.test",
      " prod.test ",
      "",
      "perhaps",
      "",
    ];
    const { code, configuration, stderr } = await initialise(elsewhere, { answers });
    expect(code).toBe(0);
    for (const complaint of [
      '"Dev" is no name of an environment',
      '"" is no AWS region',
      "dev and production have the same registry",
      '"perhaps" is no answer',
    ])
      expect(stderr).toContain(complaint);
    expect(configuration && environmentsOf(configuration).map(({ registry }) => registry.host)).toEqual([
      "dev.test",
      "prod.test",
    ]);
    expect(configuration?.copy?.createRepositories).toBe(false);
  });

  it("asks nothing when the file is there", async () => {
    const run = await runCommand(["init"], { files: { "promoter.yaml": "" }, answers: [] });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining("exists already") });
  });
});
