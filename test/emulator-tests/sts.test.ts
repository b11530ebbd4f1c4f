import { createHmac } from "node:crypto";
import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { fromTemporaryCredentials, fromWebToken } from "@aws-sdk/credential-providers";
import { request } from "undici";
import { describe, expect, it } from "vitest";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";

const dev = "111122223333";
const prod = "444455556666";
const region = "eu-west-1";
const allow = (action: string, resource = "*") => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: action, Resource: resource }],
});
const trust = (aws: string, condition?: object) => ({
  Version: "2012-10-17",
  Statement: [
    {
      ...{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: aws } },
      ...(condition && { Condition: condition }),
    },
  ],
});

/** Credentials of the role, as the SDK gets them, with an answer of ECR that they were good for. */
async function assume(emulator: EcrEmulator, options: Parameters<typeof fromTemporaryCredentials>[0]) {
  const credentials = fromTemporaryCredentials({
    clientConfig: { region, endpoint: emulator.url, maxAttempts: 1 },
    ...options,
  });
  const ecr = new ECRClient({ region, endpoint: emulator.url, credentials, maxAttempts: 1 });
  return { credentials: await credentials(), answer: await ecr.send(new GetAuthorizationTokenCommand({})) };
}

/** A call of STS without a signature. */
async function post(emulator: EcrEmulator, fields: Record<string, string>) {
  const { statusCode, body } = await request(emulator.url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ Version: "2011-06-15", ...fields }).toString(),
  });
  return { status: statusCode, text: await body.text() };
}

describe("AssumeRole", () => {
  it("gives a session that ECR takes, for the time that was asked for", async () => {
    await using emulator = await startEcrEmulator();
    const role = emulator.account(prod).createRole("promoter", [allow("ecr:*")]);
    const ann = emulator.account(prod).createUser("ann", [allow("sts:AssumeRole", role.arn)]);
    const started = Date.now();
    const { credentials, answer } = await assume(emulator, {
      masterCredentials: ann,
      params: { RoleArn: role.arn, RoleSessionName: "job", DurationSeconds: 900 },
    });
    expect(answer.authorizationData).toHaveLength(1);
    expect(Math.abs((credentials.expiration?.getTime() ?? 0) - started - 900_000)).toBeLessThan(5_000);
    expect(emulator.requests.at(-1)?.principal).toBe(`arn:aws:sts::${prod}:assumed-role/promoter/job`);
  });

  it.each([
    ["both sides allow", trust(`arn:aws:iam::${dev}:user/ann`), [allow("sts:AssumeRole")], undefined],
    [
      "the caller has not the right",
      trust(`arn:aws:iam::${dev}:user/ann`),
      [],
      "because no identity-based policy allows the sts:AssumeRole action",
    ],
    [
      "the role does not trust the caller",
      trust(prod),
      [allow("sts:AssumeRole")],
      "is not authorized to perform: sts:AssumeRole",
    ],
  ])("across accounts, when %s", async (_, trustPolicy, policies, refused) => {
    await using emulator = await startEcrEmulator();
    const ann = emulator.account(dev).createUser("ann", policies);
    const role = emulator.account(prod).createRole("promoter", [allow("ecr:*")], { trustPolicy });
    const outcome = assume(emulator, { masterCredentials: ann, params: { RoleArn: role.arn } });
    if (refused === undefined) expect((await outcome).answer.authorizationData).toHaveLength(1);
    else
      await expect(outcome).rejects.toMatchObject({
        name: "AccessDenied",
        message: expect.stringContaining(refused),
      });
  });

  it.each([
    ["the right external id", "secret-42", undefined],
    ["a wrong external id", "guess", "AccessDenied"],
    ["none", undefined, "AccessDenied"],
  ])("asks for the external id: %s", async (_, ExternalId, refused) => {
    await using emulator = await startEcrEmulator();
    const ann = emulator.account(dev).createUser("ann", [allow("sts:AssumeRole")]);
    const trustPolicy = trust(dev, { StringEquals: { "sts:ExternalId": "secret-42" } });
    const role = emulator.account(prod).createRole("promoter", [allow("ecr:*")], { trustPolicy });
    const params = { RoleArn: role.arn, ...(ExternalId !== undefined && { ExternalId }) };
    const outcome = assume(emulator, { masterCredentials: ann, params });
    if (refused === undefined) await expect(outcome).resolves.toBeDefined();
    else await expect(outcome).rejects.toMatchObject({ name: refused });
  });

  it("narrows the session by its policy", async () => {
    await using emulator = await startEcrEmulator();
    const role = emulator.account(dev).createRole("promoter", [allow("ecr:*")]);
    const ann = emulator.account(dev).createUser("ann", [allow("sts:AssumeRole")]);
    const params = { RoleArn: role.arn, Policy: JSON.stringify(allow("ecr:ListImages")) };
    await expect(assume(emulator, { masterCredentials: ann, params })).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining(
        "because no session policy allows the ecr:GetAuthorizationToken action",
      ),
    });
  });

  it("needs the right to tag a session", async () => {
    await using emulator = await startEcrEmulator();
    const role = emulator.account(dev).createRole("promoter", [allow("ecr:*")]);
    const ann = emulator.account(dev).createUser("ann", [allow("sts:AssumeRole")]);
    const params = { RoleArn: role.arn, Tags: [{ Key: "team", Value: "blue" }] };
    const outcome = assume(emulator, { masterCredentials: ann, params });
    await expect(outcome).rejects.toMatchObject({ message: expect.stringContaining("sts:TagSession") });
  });

  it.each([
    ["a session shorter than 900 s", { DurationSeconds: 60 }, "ValidationError"],
    ["a session longer than the role's", { DurationSeconds: 7200 }, "ValidationError"],
    ["a session name with a space", { RoleSessionName: "a b" }, "ValidationError"],
    ["a malformed session policy", { Policy: "{}" }, "MalformedPolicyDocumentException"],
    ["a role that is not there", { RoleArn: `arn:aws:iam::${dev}:role/absent` }, "AccessDenied"],
  ])("refuses %s", async (_, params, name) => {
    await using emulator = await startEcrEmulator();
    const role = emulator.account(dev).createRole("promoter", []);
    const ann = emulator.account(dev).createUser("ann", [allow("sts:*")]);
    const outcome = assume(emulator, { masterCredentials: ann, params: { RoleArn: role.arn, ...params } });
    await expect(outcome).rejects.toMatchObject({ name });
  });

  it("ends with its time", async () => {
    let now = Date.now();
    await using emulator = await startEcrEmulator({ clock: { now: () => now } });
    const role = emulator.account(dev).createRole("promoter", [allow("ecr:*")]);
    const ann = emulator.account(dev).createUser("ann", [allow("sts:AssumeRole")]);
    const { credentials } = await assume(emulator, { masterCredentials: ann, params: { RoleArn: role.arn } });
    now += 3_600_000;
    const ecr = new ECRClient({ region, endpoint: emulator.url, credentials, maxAttempts: 2 });
    await expect(ecr.send(new GetAuthorizationTokenCommand({}))).rejects.toMatchObject({
      name: "ExpiredTokenException",
    });
  });
});

describe("AssumeRoleWithWebIdentity", () => {
  const subject = "system:serviceaccount:argocd:promoter";
  const issuer = `oidc.eks.${region}.amazonaws.com/id/EXAMPLE`;

  async function setUp(secret?: string) {
    const emulator = await startEcrEmulator();
    const arn = `arn:aws:iam::${prod}:oidc-provider/${issuer}`;
    const provider = {
      arn,
      issuer,
      clientIds: ["sts.amazonaws.com"],
      ...(secret !== undefined && { secret }),
    };
    emulator.store.account(prod).oidcProviders.set(arn, provider);
    const role = emulator.account(prod).createRole("promoter", [allow("ecr:*")], {
      trustPolicy: {
        Version: "2012-10-17",
        Statement: {
          Effect: "Allow",
          Action: "sts:AssumeRoleWithWebIdentity",
          Principal: { Federated: arn },
          Condition: { StringEquals: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: "sts.amazonaws.com" } },
        },
      },
    });
    return { emulator, role };
  }

  function token(claims: object = {}, secret?: string): string {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const body = { iss: `https://${issuer}`, sub: subject, aud: ["sts.amazonaws.com"], exp, ...claims };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const text = `${encode({ alg: secret === undefined ? "none" : "HS256" })}.${encode(body)}`;
    const signature =
      secret === undefined ? "" : createHmac("sha256", secret).update(text).digest("base64url");
    return `${text}.${signature}`;
  }

  const exchange = ({ emulator, role }: Awaited<ReturnType<typeof setUp>>, webIdentityToken: string) =>
    fromWebToken({
      ...{ roleArn: role.arn, webIdentityToken, roleSessionName: "pod" },
      clientConfig: { region, endpoint: emulator.url, maxAttempts: 1 },
    })();

  it("gives a pod its role", async () => {
    const place = await setUp();
    await using emulator = place.emulator;
    const credentials = await exchange(place, token());
    const ecr = new ECRClient({ region, endpoint: emulator.url, credentials });
    expect((await ecr.send(new GetAuthorizationTokenCommand({}))).authorizationData).toHaveLength(1);
    expect(emulator.requests.at(-1)?.principal).toBe(`arn:aws:sts::${prod}:assumed-role/promoter/pod`);
  });

  it("checks the signature where the provider has a secret", async () => {
    const place = await setUp("key");
    await using _ = place.emulator;
    await expect(exchange(place, token({}, "key"))).resolves.toBeDefined();
    await expect(exchange(place, token({}, "other"))).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
    });
    await expect(exchange(place, token())).rejects.toMatchObject({ name: "InvalidIdentityTokenException" });
  });

  it.each([
    ["another subject", { sub: "system:serviceaccount:default:other" }, "AccessDenied"],
    ["another audience", { aud: "elsewhere" }, "InvalidIdentityTokenException"],
    ["an issuer that nobody registered", { iss: "https://evil.example" }, "InvalidIdentityTokenException"],
    ["a token that has expired", { exp: 1_700_000_000 }, "ExpiredTokenException"],
    ["a token without a subject", { sub: undefined }, "InvalidIdentityTokenException"],
  ])("refuses %s", async (_, claims, name) => {
    const place = await setUp();
    await using __ = place.emulator;
    await expect(exchange(place, token(claims))).rejects.toMatchObject({ name });
  });
});

describe("the Query protocol", () => {
  it("answers errors in its envelope", async () => {
    await using emulator = await startEcrEmulator();
    const { status, text } = await post(emulator, { Action: "GetCallerIdentity" });
    expect(status).toBe(403);
    expect(text).toMatch(/^<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\/2011-06-15\/">/);
    expect(text).toContain("<Code>MissingAuthenticationToken</Code>");
    expect(text).toMatch(/<RequestId>[0-9a-f-]{36}<\/RequestId>/);
  });

  it("escapes what callers send", async () => {
    await using emulator = await startEcrEmulator();
    const fields = { RoleArn: `arn:aws:iam::${dev}:role/x`, RoleSessionName: "<b>&" };
    const { status, text } = await post(emulator, { Action: "AssumeRoleWithWebIdentity", ...fields });
    expect(status).toBe(400);
    expect(text).toContain("&lt;b&gt;&amp;");
  });
});
