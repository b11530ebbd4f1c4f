import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecrHostOf, parseEcrHost, repositoryArn } from "../../job/ecr/registry-host.ts";
import { ecrHost } from "./fake-clients.ts";

const account = "111122223333";

describe("parseEcrHost", () => {
  it.each([
    [`${account}.dkr.ecr.eu-west-1.amazonaws.com`, "eu-west-1", "aws", ""],
    [`${account}.dkr.ecr.ap-southeast-7.amazonaws.com`, "ap-southeast-7", "aws", ""],
    [`${account}.dkr.ecr-fips.us-east-1.amazonaws.com`, "us-east-1", "aws", "fips"],
    [`${account}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`, "us-gov-west-1", "aws-us-gov", "fips"],
    [`${account}.dkr.ecr.us-gov-east-1.amazonaws.com`, "us-gov-east-1", "aws-us-gov", ""],
    [`${account}.dkr-ecr.eu-central-1.on.aws`, "eu-central-1", "aws", "dual"],
    [`${account}.dkr-ecr-fips.us-west-2.on.aws`, "us-west-2", "aws", "fips dual"],
    [`${account}.dkr-ecr.us-gov-west-1.on.aws`, "us-gov-west-1", "aws-us-gov", "dual"],
    [`${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`, "cn-north-1", "aws-cn", ""],
    [`${account}.dkr-ecr.cn-northwest-1.on.amazonwebservices.com.cn`, "cn-northwest-1", "aws-cn", "dual"],
    [`${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`, "eusc-de-east-1", "aws-eusc", ""],
    [`${account}.dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu`, "eusc-de-east-1", "aws-eusc", "dual"],
    [`${account}.dkr.ecr.us-iso-east-1.c2s.ic.gov`, "us-iso-east-1", "aws-iso", ""],
    [`${account}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`, "us-isob-east-1", "aws-iso-b", ""],
    [`${account}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`, "eu-isoe-west-1", "aws-iso-e", ""],
    [`${account}.dkr.ecr.us-isof-south-1.csp.hci.ic.gov`, "us-isof-south-1", "aws-iso-f", ""],
  ])("reads %s", (host, region, partition, flavour) => {
    expect(parseEcrHost(host)).toEqual({
      host,
      accountId: account,
      region,
      partition,
      fips: flavour.includes("fips"),
      dualStack: flavour.includes("dual"),
      public: false,
    });
  });

  it.each(["public.ecr.aws", "ecr-public.aws.com"])("knows the public gallery as %s", (host) => {
    expect(parseEcrHost(host)).toMatchObject({ host, public: true, region: "us-east-1", partition: "aws" });
  });

  it("takes letter case and the standard port as the same host", () => {
    const host = `${account}.dkr.ecr.eu-west-1.amazonaws.com`;
    expect(parseEcrHost(`${account}.DKR.ecr.EU-west-1.AmazonAWS.com:443`)?.host).toBe(host);
  });

  it.each([
    ["another domain behind", `${account}.dkr.ecr.eu-west-1.amazonaws.com.attacker.net`],
    ["another domain before", `evil-${account}.dkr.ecr.eu-west-1.amazonaws.com`],
    ["a label before", `evil.${account}.dkr.ecr.eu-west-1.amazonaws.com`],
    ["eleven digits", "11112222333.dkr.ecr.eu-west-1.amazonaws.com"],
    ["thirteen digits", "1111222233334.dkr.ecr.eu-west-1.amazonaws.com"],
    ["digits of another script", "\uff1111122223333.dkr.ecr.eu-west-1.amazonaws.com"],
    ["a letter that is k in lower case", `${account}.d\u212Ar.ecr.eu-west-1.amazonaws.com`],
    ["a suffix that only ends alike", `${account}.dkr.ecr.eu-west-1.evilamazonaws.com`],
    ["a hyphen for the dot", `${account}.dkr.ecr.eu-west-1-amazonaws.com`],
    ["the dual-stack suffix under the plain name", `${account}.dkr.ecr.eu-west-1.on.aws`],
    ["the plain suffix under the dual-stack name", `${account}.dkr-ecr.eu-west-1.amazonaws.com`],
    ["a Chinese region outside of China", `${account}.dkr.ecr.cn-north-1.amazonaws.com`],
    ["a European region in China", `${account}.dkr.ecr.eu-west-1.amazonaws.com.cn`],
    ["an isolated region in the open", `${account}.dkr.ecr.us-iso-east-1.amazonaws.com`],
    ["no region", `${account}.dkr.ecr.amazonaws.com`],
    ["another service", `${account}.dkr.s3.eu-west-1.amazonaws.com`],
    ["the API", "api.ecr.eu-west-1.amazonaws.com"],
    ["a trailing dot", `${account}.dkr.ecr.eu-west-1.amazonaws.com.`],
    ["another port", `${account}.dkr.ecr.eu-west-1.amazonaws.com:8443`],
    ["user information", `user@${account}.dkr.ecr.eu-west-1.amazonaws.com`],
    ["a path", `${account}.dkr.ecr.eu-west-1.amazonaws.com/x`],
    ["a line break", `${account}.dkr.ecr.eu-west-1.amazonaws.com\n`],
    ["a look-alike of the gallery", "public.ecr.aws.attacker.net"],
    ["nothing", ""],
    ["another registry", "ghcr.io"],
  ])("is not taken in by %s", (_, host) => {
    expect(parseEcrHost(host)).toBeUndefined();
  });

  it("takes no host with anything added to a good one", () => {
    const good = `${account}.dkr.ecr.eu-west-1.amazonaws.com`;
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.boolean(), (added, before) => {
        fc.pre(before || added !== ":443");
        expect(parseEcrHost(before ? added + good : good + added)).toBeUndefined();
      }),
    );
  });
});

describe("ecrHostOf", () => {
  it.each([
    ["eu-west-1", `${account}.dkr.ecr.eu-west-1.amazonaws.com`],
    ["us-gov-west-1", `${account}.dkr.ecr.us-gov-west-1.amazonaws.com`],
    ["cn-north-1", `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`],
    ["eusc-de-east-1", `${account}.dkr.ecr.eusc-de-east-1.amazonaws.eu`],
    ["us-isob-east-1", `${account}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`],
  ])("names the registry in %s", (region, host) => {
    expect(ecrHostOf(account, region)).toBe(host);
    expect(parseEcrHost(host)).toMatchObject({ accountId: account, region });
  });

  it.each([
    ["a place that is no region", account, "europe"],
    ["a zone", account, "eu-west-1a"],
    ["nothing", account, ""],
    ["too few digits", "1111", "eu-west-1"],
  ])("knows none for %s", (_, accountId, region) => {
    expect(ecrHostOf(accountId, region)).toBeUndefined();
  });
});

describe("repositoryArn", () => {
  it.each([
    [`${account}.dkr.ecr.eu-west-1.amazonaws.com`, `arn:aws:ecr:eu-west-1:${account}:repository/team/app`],
    [
      `${account}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
      `arn:aws-cn:ecr:cn-north-1:${account}:repository/team/app`,
    ],
    [
      `${account}.dkr-ecr-fips.us-gov-west-1.on.aws`,
      `arn:aws-us-gov:ecr:us-gov-west-1:${account}:repository/team/app`,
    ],
  ])("names the partition of %s", (host, arn) => {
    expect(repositoryArn(ecrHost(host), "team/app")).toBe(arn);
  });
});
