import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { thrownBy } from "../images/thrown-by.ts";

const head = "apiVersion: image-promoter/v1\nkind: Promoter\n";
const fault = (text: string) => thrownBy(() => loadConfiguration(text, "promoter.yaml"));

const whole = `${head}routes:
  - to: 222233334444.dkr.ecr.eu-west-1.amazonaws.com/team
    from: [a.b, 111122223333.dkr.ecr.eu-west-1.amazonaws.com/dev]
  - {to: c.d, from: e.f}
images:
  - 222233334444.dkr.ecr.eu-west-1.amazonaws.com/team/web:1
registries:
  - host: "*.dkr.ecr.eu-west-1.amazonaws.com"
    roleArn: arn:aws:iam::222233334444:role/promoter
    externalId: some-id
    sessionName: promoter
  - {host: "localhost:5000", endpoint: "http://127.0.0.1:5001", insecure: true}
copy:
  concurrency: 8
  timeout: 30m
  overwrite: never
  referrers: required
  createRepositories:
    imageTagMutability: IMMUTABLE
    exclusionFilters: ["sha256-*"]
    scanOnPush: true
    encryption: {type: KMS, kmsKey: alias/ecr}
    lifecyclePolicy: {rules: []}
    repositoryPolicy: {Version: "2012-10-17", Statement: []}
    tags: {team: web}
strict: true
imagePaths: ["Kafka:spec.kafka.image"]
`;

describe("loadConfiguration", () => {
  it("takes every field, and remembers where images stand", () => {
    const configuration = loadConfiguration(whole, "promoter.yaml");
    expect(configuration).toMatchObject({
      source: "promoter.yaml",
      strict: true,
      copy: { concurrency: 8, createRepositories: { encryption: { type: "KMS" } } },
      imagePaths: ["Kafka:spec.kafka.image"],
    });
    expect(configuration.images).toEqual([
      {
        reference: { host: "222233334444.dkr.ecr.eu-west-1.amazonaws.com", repository: "team/web", tag: "1" },
        origin: { source: "promoter.yaml", line: 8, column: 5, field: "images[0]" },
      },
    ]);
  });

  it("needs no more than its head", () => {
    expect(loadConfiguration(head, "p")).toEqual({
      apiVersion: "image-promoter/v1",
      kind: "Promoter",
      source: "p",
      images: [],
    });
  });

  it.each([
    [
      "an unknown field",
      `${head}copy:\n  concurency: 3\n`,
      '4:3: Unknown field "concurency", did you mean "concurrency"?\n  4 |   concurency: 3\n    |   ^^^^^^^^^^',
    ],
    [
      "an unknown field of one of two forms",
      `${head}copy: {createRepositories: {scanOnPsh: true}}\n`,
      `3:29: Unknown field "scanOnPsh", did you mean "scanOnPush"?\n  3 | copy: {createRepositories: {scanOnPsh: true}}\n    | ${" ".repeat(28)}^^^^^^^^^`,
    ],
    [
      "an unknown field like no other",
      `${head}zzz: 1\n`,
      '3:1: Unknown field "zzz"\n  3 | zzz: 1\n    | ^^^',
    ],
    [
      "a wrong word",
      `${head}copy: {overwrite: maybe}\n`,
      "3:19: Expected mutable or never\n  3 | copy: {overwrite: maybe}\n    |                   ^^^^^",
    ],
    [
      "a wrong kind of value",
      `${head}strict: "yes"\n`,
      '3:9: Expected true or false\n  3 | strict: "yes"\n    |         ^^^^^',
    ],
    [
      "a wrong kind of value where two may stand",
      `${head}routes: [{to: a.b, from: 5}]\n`,
      `3:26: Expected a text or a list\n  3 | routes: [{to: a.b, from: 5}]\n    | ${" ".repeat(25)}^`,
    ],
    [
      "a wrong registry",
      `${head}routes:\n  - to: https://a.b\n    from: c.d\n`,
      '4:9: Cannot read the registry "https://a.b": it begins with https://\n  4 |   - to: https://a.b\n    |         ^^^^^^^^^^^',
    ],
    [
      "a missing field",
      `${head}routes:\n  - to: a.b\n`,
      '4:5: The field "from" is missing\n  4 |   - to: a.b\n    |     ^^',
    ],
    [
      "a wrong image",
      `${head}images:\n  - IMG\n`,
      '4:5: Cannot read the image "IMG": "IMG" is no repository name\n  4 |   - IMG\n    |     ^^^',
    ],
    [
      "a suffix where one host is needed",
      `${head}registries:\n  - host: "*.a.b"\n    insecure: true\n`,
      '4:11: insecure needs one host, not a suffix\n  4 |   - host: "*.a.b"\n    |           ^^^^^^^',
    ],
    [
      "a key twice",
      `${head}kind: Promoter\n`,
      "3:1: The same key stands twice in one mapping\n  3 | kind: Promoter\n    | ^",
    ],
    [
      "an account that lost its zero",
      `${head}environments: {a: {account: 012345678901, region: eu-west-1}}\n`,
      `3:29: An account has 12 digits; put it in quotes when it begins with 0\n  3 | environments: {a: {account: 012345678901, region: eu-west-1}}\n    | ${" ".repeat(28)}^^^^^^^^^^^^`,
    ],
    [
      "an unknown region",
      `${head}environments:\n  a:\n    account: "111111111111"\n    region: eu-wst-9a\n`,
      "6:13: This is no AWS region\n  6 |     region: eu-wst-9a\n    |             ^^^^^^^^^",
    ],
    [
      "an environment without a registry",
      `${head}environments:\n  a:\n    region: eu-west-1\n`,
      "5:5: An environment has either account and region, or registry\n  5 |     region: eu-west-1\n    |     ^^^^^^",
    ],
    [
      "an environment with two registries",
      `${head}environments:\n  a:\n    registry: a.b\n    region: eu-west-1\n`,
      "5:15: An environment has either account and region, or registry\n  5 |     registry: a.b\n    |               ^^^",
    ],
    [
      "a registry with a path",
      `${head}environments:\n  a:\n    registry: a.b/c\n`,
      '5:15: The registry "a.b/c" has a path\n  5 |     registry: a.b/c\n    |               ^^^^^',
    ],
    [
      "a name that could stand in no label",
      `${head}environments:\n  Prod_1:\n    registry: a.b\n`,
      "4:3: A name has up to 63 of a-z, 0-9 and -, not at its ends\n  4 |   Prod_1:\n    |   ^^^^^^",
    ],
    [
      "an environment that nobody knows",
      `${head}environments:\n  staging: {registry: s.t}\n  production:\n    registry: a.b\n    promotesFrom: [stagin]\n`,
      '7:20: No environment is called "stagin", did you mean "staging"?\n  7 |     promotesFrom: [stagin]\n    |                    ^^^^^^',
    ],
    [
      "an environment that promotes from itself",
      `${head}environments:\n  a:\n    registry: a.b\n    promotesFrom: [a]\n`,
      "6:20: An environment cannot promote from itself\n  6 |     promotesFrom: [a]\n    |                    ^",
    ],
    [
      "two environments in one place",
      `${head}environments:\n  a: {registry: a.b, prefix: c}\n  d: {registry: a.b, prefix: c, promotesFrom: [a]}\n`,
      `5:48: "a" has the same registry, so there is nothing to promote\n  5 |   d: {registry: a.b, prefix: c, promotesFrom: [a]}\n    | ${" ".repeat(47)}^`,
    ],
    [
      "a module that nobody knows",
      `${head}modules: {web: [a]}\nenvironments:\n  a: {registry: a.b, images: {modules: [wbe]}}\n`,
      `5:41: No module is called "wbe", did you mean "web"?\n  5 |   a: {registry: a.b, images: {modules: [wbe]}}\n    | ${" ".repeat(40)}^^^`,
    ],
    [
      "a pattern that no repository can match",
      `${head}modules: {web: [Team/*]}\n`,
      "3:17: A pattern has a-z, 0-9, . _ - / and * for any characters\n  3 | modules: {web: [Team/*]}\n    |                 ^^^^^^",
    ],
    [
      "an unknown field of an environment",
      `${head}environments:\n  a:\n    registry: a.b\n    promoteFrom: [a]\n`,
      '6:5: Unknown field "promoteFrom", did you mean "promotesFrom"?\n  6 |     promoteFrom: [a]\n    |     ^^^^^^^^^^^',
    ],
    ["nothing", "", "1:1: The configuration has no fields"],
    ["a second document", `${head}---\n${head}`, "3:1: The file has a second document\n  3 | ---\n    | ^"],
    [
      "an unknown alias",
      `${head}strict: *x\n`,
      "1:1: An alias has no anchor before it, or aliases repeat too much",
    ],
  ])("refuses %s", (_name, text, message) => {
    expect(fault(text)).toMatchObject({ code: "InvalidConfiguration", message: `promoter.yaml:${message}` });
  });

  it("tells of five faults in the order of the text, and counts the rest", () => {
    const text = `${head}copy:\n  overwrite: x\n  a: 1\n  b: 1\n  c: 1\n  d: 1\n  e: 1\nzz: 1\n`;
    const lines = fault(text).message.split("\n");
    expect(
      lines.filter((line) => line.startsWith("promoter.yaml:")).map((line) => line.split(":")[1]),
    ).toEqual(["4", "5", "6", "7", "8"]);
    expect(lines.at(-1)).toBe("and 2 more");
  });

  it("lists the environments that there are", () => {
    const text = `${head}environments: {b: {registry: b.c}, a: {registry: a.b, promotesFrom: [zzz]}}\n`;
    expect(fault(text).hint).toBe("There are the environments b, a");
  });

  it("lists the fields that are known", () => {
    expect(fault(`${head}routes:\n  - {to: a.b, from: c.d, zz: 1}\n`).hint).toBe(
      "Known fields here: to, from",
    );
  });

  it.each([
    `registries: [{host: a.b, externalId: "hunter2 !"}]`,
    "registries:\n  - host: a.b\n    externalId: hunter2 !\n",
    "registries:\n  - host: a.b\n    endpoint: http://u:hunter2@c.d\n",
    "registries:\n  - host: a.b\n    password: hunter2\n",
    "token: [hunter2\n",
  ])("shows no secret of %j", (text) => {
    const { message, hint } = fault(`${head}${text}`);
    expect(`${message}${hint}`).not.toContain("hunter2");
  });
});
