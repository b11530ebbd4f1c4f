import { describe, expect, it } from "vitest";
import {
  destinationsOf,
  environmentOf,
  environmentsOf,
  routeOf,
  sourcesOf,
} from "../../job/config/environment.ts";
import { loadConfiguration } from "../../job/config/load.ts";
import { thrownBy } from "../images/thrown-by.ts";

const load = (text: string) =>
  loadConfiguration(`apiVersion: image-promoter/v1\nkind: Promoter\n${text}`, "p.yaml");

const configuration = load(`modules:
  web: [team/web, "team/web-*"]
  payments: ["payments/*"]
environments:
  development: {account: "012345678901", region: eu-west-1}
  staging: {account: 333333333333, region: eu-west-1, prefix: stage, promotesFrom: [development]}
  production:
    account: "222222222222"
    region: cn-north-1
    promotesFrom: [staging, development]
    roleArn: arn:aws-cn:iam::222222222222:role/push
    externalId: some-id
    jobRoleArn: arn:aws-cn:iam::222222222222:role/image-promoter
    images:
      include: [platform/agent]
      modules: [web, payments]
      exclude: ["*-test"]
  lab: {registry: "localhost:5000", prefix: a/b}
  gallery: {registry: public.ecr.aws}
`);

describe("an environment", () => {
  it("knows its registry by account and region", () => {
    expect(environmentOf(configuration, "production")).toEqual({
      name: "production",
      registry: { host: "222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn", prefix: "" },
      account: "222222222222",
      region: "cn-north-1",
      promotesFrom: ["staging", "development"],
      selection: {
        include: ["platform/agent", "team/web", "team/web-*", "payments/*"],
        exclude: ["*-test"],
      },
      role: {
        roleArn: "arn:aws-cn:iam::222222222222:role/push",
        externalId: "some-id",
        sessionName: undefined,
      },
      jobRoleArn: "arn:aws-cn:iam::222222222222:role/image-promoter",
    });
  });

  it("has an account of twelve digits, quoted or not", () => {
    expect(
      environmentOf(load("environments: {a: {account: '012345678901', region: eu-west-1}}\n"), "a").account,
    ).toBe("012345678901");
    expect(environmentOf(configuration, "staging").account).toBe("333333333333");
  });

  it("has neither account nor region where its registry is not ECR's, or everybody's", () => {
    expect(environmentOf(configuration, "lab")).toEqual({
      name: "lab",
      registry: { host: "localhost:5000", prefix: "a/b" },
      promotesFrom: [],
    });
    expect(environmentOf(configuration, "gallery").account).toBeUndefined();
  });

  it.each([
    ["{include: [a]}", { include: ["a"] }],
    ["{exclude: [a]}", { exclude: ["a"] }],
    ["{modules: [m]}", { include: ["x"] }],
    ["{}", {}],
  ])("selects by %s", (written, selection) => {
    const file = load(`modules: {m: [x]}\nenvironments: {a: {registry: a.b, images: ${written}}}\n`);
    expect(environmentOf(file, "a").selection).toEqual(selection);
  });

  it("is not found under another name, nor under what every object has", () => {
    expect(thrownBy(() => environmentOf(configuration, "prodution"))).toMatchObject({
      code: "Usage",
      message: 'No environment is called "prodution", did you mean "production"? (p.yaml)',
      hint: "There are the environments development, staging, production, lab, gallery",
    });
    expect(thrownBy(() => environmentOf(load("strict: true\n"), "constructor"))).toMatchObject({
      message: 'No environment is called "constructor" (p.yaml)',
      hint: "Describe it under environments",
    });
  });
});

describe("environments", () => {
  const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

  it("come in the order of the file, and of promotion", () => {
    expect(names(environmentsOf(configuration))).toEqual([
      "development",
      "staging",
      "production",
      "lab",
      "gallery",
    ]);
    expect(names(sourcesOf(configuration, "production"))).toEqual(["staging", "development"]);
    expect(names(destinationsOf(configuration, "development"))).toEqual(["staging", "production"]);
    expect(environmentsOf(load("strict: true\n"))).toEqual([]);
  });

  it("are joined by routes", () => {
    expect(routeOf(configuration, "staging")).toEqual({
      to: { host: "333333333333.dkr.ecr.eu-west-1.amazonaws.com", prefix: "stage" },
      from: [{ host: "012345678901.dkr.ecr.eu-west-1.amazonaws.com", prefix: "" }],
    });
    expect(routeOf(configuration, "production")?.selection).toEqual(
      environmentOf(configuration, "production").selection,
    );
    expect(routeOf(configuration, "development")).toBeUndefined();
  });
});
