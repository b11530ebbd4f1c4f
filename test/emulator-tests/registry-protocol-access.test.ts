import { Agent, request } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { account, openRegistry, type Registry, readAnswer, region } from "./registry-client.ts";

let opened: Registry | undefined;
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = undefined;
});

const production = "222222222222";

function allow(action: string | string[], resource = "*"): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: action, Resource: resource }] };
}

function basic(token: { authorizationToken: string }): { authorization: string } {
  return { authorization: `Basic ${token.authorizationToken}` };
}

/** Asks the main listener as a client does that connects elsewhere than the host says. */
async function askByHost(emulator: EcrEmulator, host: string, path: string, headers: Record<string, string>) {
  const dispatcher = new Agent();
  try {
    const answer = await request(new URL(path, emulator.url), { headers: { ...headers, host }, dispatcher });
    return readAnswer(answer.statusCode, answer.headers, Buffer.from(await answer.body.arrayBuffer()));
  } finally {
    await dispatcher.destroy();
  }
}

describe("authentication", () => {
  it("challenges who brings no credentials", async () => {
    opened = await openRegistry();
    const host = registryHost(account, region);
    const answer = await askByHost(opened.emulator, host, "/v2/", {});
    expect(answer).toMatchObject({
      status: 401,
      headers: { "www-authenticate": `Basic realm="https://${host}/",service="ecr.amazonaws.com"` },
    });
  });

  it.each([
    ["Basic QVdTOm5vbnNlbnNl"],
    ["Bearer token"],
    [`Basic ${Buffer.from("someone:else").toString("base64")}`],
    ["Basic"],
  ])("refuses %s", async (authorization) => {
    opened = await openRegistry();
    const answer = await opened.ask("GET", "/v2/", { headers: { authorization } });
    expect(answer).toMatchObject({ status: 403, code: "DENIED" });
  });

  it("answers 403 without a challenge when the token has expired", async () => {
    let now = Date.now();
    opened = await openRegistry({ clock: { now: () => now }, tokenLifetimeMs: 1_000 });
    expect((await opened.ask("GET", "/v2/")).status).toBe(200);
    now += 1_000;
    const answer = await opened.ask("GET", "/v2/");
    expect(answer).toMatchObject({
      status: 403,
      code: "DENIED",
      text: expect.stringContaining("Your authorization token has expired. Reauthenticate and try again."),
    });
    expect(answer.headers).not.toHaveProperty("www-authenticate");
  });

  it("lives twelve hours by default, unless it is ended", async () => {
    opened = await openRegistry({ clock: { now: () => 5_000 } });
    const token = opened.emulator.account(account).admin().mintToken();
    expect(token.expiresAt).toBe(5_000 + 12 * 60 * 60 * 1000);
    opened.emulator.store.expireTokens();
    expect((await opened.ask("GET", "/v2/", { headers: basic(token) })).status).toBe(403);
  });
});

describe("authorization", () => {
  it.each([
    ["HEAD", "/v2/app/manifests/v1", "ecr:BatchGetImage"],
    ["GET", "/v2/app/manifests/v1", "ecr:BatchGetImage"],
    ["HEAD", "/v2/app/blobs/sha256:0", "ecr:BatchCheckLayerAvailability"],
    ["GET", "/v2/app/blobs/sha256:0", "ecr:GetDownloadUrlForLayer"],
    ["POST", "/v2/app/blobs/uploads/", "ecr:InitiateLayerUpload"],
    ["PATCH", "/v2/app/blobs/uploads/1", "ecr:UploadLayerPart"],
    ["PUT", "/v2/app/blobs/uploads/1", "ecr:CompleteLayerUpload"],
    ["PUT", "/v2/app/manifests/v1", "ecr:PutImage"],
    ["DELETE", "/v2/app/manifests/v1", "ecr:BatchDeleteImage"],
    ["GET", "/v2/app/tags/list", "ecr:ListImages"],
    ["GET", "/v2/app/referrers/sha256:0", "ecr:BatchGetImage"],
  ])("%s %s needs %s and nothing else", async (method, path, action) => {
    opened = await openRegistry();
    const { emulator, repository } = opened;
    const without = emulator.account(account).createUser("without", [
      {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", NotAction: action, Resource: "*" }],
      },
    ]);
    const only = emulator.account(account).createUser("only", [allow(action, repository.arn)]);
    const refused = await opened.ask(method, path, { headers: basic(without.mintToken()) });
    expect(refused.status).toBe(403);
    if (method !== "HEAD") {
      expect(refused.text).toContain(
        `User: ${without.arn} is not authorized to perform: ${action} on resource: ${repository.arn}`,
      );
    }
    expect((await opened.ask(method, path, { headers: basic(only.mintToken()) })).status).not.toBe(403);
  });

  it("needs both sides across accounts", async () => {
    opened = await openRegistry();
    const { emulator, repository } = opened;
    placeImage(repository, image(), { tags: ["v1"] });
    const role = emulator.account(production).createRole("promoter", [allow("ecr:BatchGetImage")]);
    const headers = basic(role.mintToken());
    const pull = async () => (await opened?.ask("HEAD", "/v2/app/manifests/v1", { headers }))?.status;
    expect(await pull()).toBe(403);
    repository.policyText = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: role.arn }, Action: "ecr:BatchGetImage" }],
    });
    expect(await pull()).toBe(200);
    role.identity.policies = [];
    expect(await pull()).toBe(403);
  });

  it("tells those without a right nothing of what exists", async () => {
    opened = await openRegistry();
    const stranger = opened.emulator.account(production).createUser("stranger", [allow("*")]);
    const headers = basic(stranger.mintToken());
    expect((await opened.ask("GET", "/v2/missing/tags/list", { headers })).status).toBe(403);
    expect((await opened.ask("GET", "/v2/missing/tags/list")).status).toBe(404);
  });

  it("may answer with an empty body", async () => {
    opened = await openRegistry({ emptyDenials: true });
    const nobody = opened.emulator.account(account).createUser("nobody");
    const answer = await opened.ask("GET", "/v2/app/tags/list", { headers: basic(nobody.mintToken()) });
    expect(answer).toMatchObject({ status: 403, text: "" });
  });

  it("reads the repository's tags in conditions", async () => {
    opened = await openRegistry({}, { tags: { stage: "development" } });
    const reader = (stage: string) => ({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "ecr:ListImages",
          Resource: "*",
          Condition: { StringEquals: { "aws:ResourceTag/stage": stage } },
        },
      ],
    });
    for (const [stage, status] of [
      ["development", 200],
      ["production", 403],
    ] as const) {
      const user = opened.emulator.account(account).createUser(stage, [reader(stage)]);
      const answer = await opened.ask("GET", "/v2/app/tags/list", { headers: basic(user.mintToken()) });
      expect(answer.status).toBe(status);
    }
  });

  it("is not asked for under authorization none", async () => {
    opened = await openRegistry({ authorization: "none" });
    const answer = await askByHost(opened.emulator, registryHost(account, region), "/v2/app/tags/list", {});
    expect(answer.status).toBe(200);
  });
});

describe("hosts", () => {
  it.each([
    "111111111111.dkr.ecr.eu-west-1.amazonaws.com",
    "111111111111.dkr.ecr.eu-west-1.amazonaws.com:443",
    "111111111111.dkr.ecr-fips.eu-west-1.amazonaws.com",
    "111111111111.dkr-ecr.eu-west-1.on.aws",
    "111111111111.dkr-ecr-fips.eu-west-1.on.aws",
    "111111111111.dkr.ecr.eu-west-1.amazonaws.com.cn",
    "111111111111.dkr.ecr.eu-west-1.amazonaws.eu",
    "111111111111.dkr.ecr.eu-west-1.c2s.ic.gov",
  ])("%s is the registry", async (host) => {
    opened = await openRegistry();
    const { authorization } = opened;
    const answer = await askByHost(opened.emulator, host, "/v2/app/tags/list", { authorization });
    expect(JSON.parse(answer.text)).toEqual({ name: "app", tags: [] });
  });

  it.each(["111111111111.dkr.ecr.us-east-1.amazonaws.com", "222222222222.dkr.ecr.eu-west-1.amazonaws.com"])(
    "%s is another registry",
    async (host) => {
      opened = await openRegistry({ authorization: "none" });
      const answer = await askByHost(opened.emulator, host, "/v2/app/tags/list", {});
      expect(answer).toMatchObject({ status: 404, code: "NAME_UNKNOWN" });
    },
  );

  it("anything else is nothing, and says so", async () => {
    opened = await openRegistry();
    const answer = await askByHost(opened.emulator, "ghcr.io", "/v2/app/tags/list", {});
    expect(answer).toMatchObject({ status: 404, text: expect.stringContaining("ghcr.io") });
  });
});

describe("the log", () => {
  it("has every request with what it was about and who asked", async () => {
    opened = await openRegistry();
    await opened.ask("POST", "/v2/app/blobs/uploads/?digest=sha256:0", { body: "12345" });
    await opened.ask("GET", "/v2/app/tags/list");
    expect(opened.emulator.requests).toMatchObject([
      { method: "POST", kind: "upload-start", action: "InitiateLayerUpload", status: 400 },
      {
        kind: "tags",
        action: "ListImages",
        path: "/v2/app/tags/list",
        status: 200,
        account,
        region,
        repository: "app",
        principal: opened.emulator.account(account).admin().arn,
        bytesOut: Buffer.byteLength('{"name":"app","tags":[]}'),
      },
    ]);
    opened.emulator.clearRequests();
    expect(opened.emulator.requests).toEqual([]);
  });
});

describe("the listeners", () => {
  it("wait as long as they are told before they answer", async () => {
    opened = await openRegistry({ latencyMs: 40 });
    const before = performance.now();
    await opened.ask("GET", "/v2/");
    expect(performance.now() - before).toBeGreaterThanOrEqual(38);
  });

  it("refuse a port that is taken", async () => {
    opened = await openRegistry();
    const port = Number(new URL(opened.emulator.url).port);
    await expect(startEcrEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("answer 500 with the cause when the emulator itself fails", async () => {
    opened = await openRegistry();
    opened.emulator.store.findRepository = () => {
      throw new Error("a bug");
    };
    const answer = await opened.ask("PUT", "/v2/app/manifests/v1", { body: "{}" });
    expect(answer).toMatchObject({ status: 500, text: expect.stringContaining("a bug") });
  });

  it("are gone when it is disposed of", async () => {
    opened = await openRegistry();
    const { url } = opened;
    await opened.emulator[Symbol.asyncDispose]();
    await expect(request(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
