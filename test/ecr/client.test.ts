import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import type { AssumedRole } from "../../job/ecr/assumed-role.ts";
import type { AwsEnvironment } from "../../job/ecr/aws-environment.ts";
import { ecrClients } from "../../job/ecr/client.ts";
import type { IdentityFixture } from "../emulator/account-fixture.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import { ecrHost } from "./fake-clients.ts";

const dev = "111122223333";
const prod = "444455556666";
const region = "eu-west-1";
const host = ecrHost(registryHost(dev, region));

let emulator: EcrEmulator;
beforeAll(async () => {
  emulator = await startEcrEmulator();
});
afterAll(async () => {
  await emulator[Symbol.asyncDispose]();
});

function environment(identity: IdentityFixture, url = emulator.url): AwsEnvironment {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    ...(identity.sessionToken !== undefined && { AWS_SESSION_TOKEN: identity.sessionToken }),
  };
}

function open(env: AwsEnvironment, role?: AssumedRole) {
  return ecrClients({ env, clock: systemClock, ...(role && { roleFor: () => role }) });
}

function admin(account = dev): IdentityFixture {
  return emulator.account(account).admin();
}

describe("the SDK's client", () => {
  it("gets a token, and tells whose account asked", async () => {
    const api = await open(environment(admin())).forHost(host);
    const token = await api.getAuthorizationToken();
    expect(token).toMatchObject({ username: "AWS", callerAccount: dev });
    expect(token.password.length).toBeGreaterThan(20);
    expect(token.expiresAt - Date.now()).toBeGreaterThan(11 * 3_600_000);
    expect(await api.callerAccount()).toBe(dev);
  });

  it("makes a repository with all of its settings, and describes it", async () => {
    const api = await open(environment(admin())).forHost(host);
    const name = "client/settings";
    expect(await api.describeRepository(name)).toBeUndefined();
    const settings = {
      mutability: { mode: "IMMUTABLE_WITH_EXCLUSION", exclusions: ["sha256-*", "latest"] },
      scanOnPush: true,
      encryption: { type: "KMS", kmsKey: `arn:aws:kms:${region}:${dev}:key/1234` },
      tags: { team: "payments" },
    } as const;
    expect(await api.createRepository(name, settings)).toBe("created");
    expect(await api.createRepository(name, settings)).toBe("existed");
    expect(await api.describeRepository(name)).toEqual({
      name,
      arn: `arn:aws:ecr:${region}:${dev}:repository/${name}`,
      mutability: settings.mutability,
      encryption: settings.encryption,
      scanOnPush: true,
    });
    expect(emulator.repository(dev, region, name).tags.get("team")).toBe("payments");
  });

  it("writes and reads lifecycle and repository policies", async () => {
    const api = await open(environment(admin())).forHost(host);
    emulator.repository(dev, region, "client/policies");
    expect(await api.getLifecyclePolicy("client/policies")).toBeUndefined();
    expect(await api.getRepositoryPolicy("client/policies")).toBeUndefined();
    expect(await api.getLifecyclePolicy("client/missing")).toBeUndefined();
    const lifecycle = {
      rules: [
        {
          rulePriority: 1,
          selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 100 },
          action: { type: "expire" },
        },
      ],
    };
    const policy = {
      Version: "2012-10-17",
      Statement: [{ Sid: "pull", Effect: "Allow", Principal: "*", Action: ["ecr:BatchGetImage"] }],
    };
    await api.putLifecyclePolicy("client/policies", JSON.stringify(lifecycle));
    await api.setRepositoryPolicy("client/policies", JSON.stringify(policy));
    expect(JSON.parse((await api.getLifecyclePolicy("client/policies")) ?? "")).toEqual(lifecycle);
    expect(JSON.parse((await api.getRepositoryPolicy("client/policies")) ?? "")).toMatchObject(policy);
  });

  it("describes an image by tag and digest, and counts images, not tags", async () => {
    const api = await open(environment(admin())).forHost(host);
    const repository = emulator.repository(dev, region, "client/images");
    const digests = [...Array(600).keys()].map((number) => {
      const digest = `sha256:${createHash("sha256").update(String(number)).digest("hex")}` as const;
      const bytes = new Uint8Array();
      const pushedAt = 1_700_000_000_000;
      repository.manifests.set(digest, {
        digest,
        bytes,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        pushedAt,
        status: number === 0 ? "ARCHIVED" : "ACTIVE",
      });
      repository.imageTags.set(`v${number}`, digest).set(`also-v${number}`, digest);
      return digest;
    });
    const found = await api.describeImage("client/images", "v7");
    expect(found).toMatchObject({ digest: digests[7], status: "ACTIVE", pushedAt: 1_700_000_000_000 });
    expect(new Set(found?.tags)).toEqual(new Set(["v7", "also-v7"]));
    expect(await api.describeImage("client/images", digests[0] ?? "")).toMatchObject({ status: "ARCHIVED" });
    expect(await api.describeImage("client/images", "nope")).toBeUndefined();
    expect(await api.describeImage("client/missing", "v1")).toBeUndefined();
    expect(await api.countImages("client/images", 100_000)).toBe(600);
    expect(await api.countImages("client/images", 10)).toBe(10);
    expect(await api.countImages("client/missing", 10)).toBe(0);
  });

  it("reads the setting that lets blobs be mounted", async () => {
    const api = await open(environment(admin())).forHost(host);
    emulator.account(dev).setBlobMounting(region, "ENABLED");
    expect(await api.getAccountSetting("BLOB_MOUNTING")).toBe("ENABLED");
  });

  it("names the missing action when it is denied", async () => {
    const user = emulator.account(dev).createUser("nobody", []);
    const api = await open(environment(user)).forHost(host);
    await expect(api.getAuthorizationToken()).rejects.toMatchObject({
      code: "Denied",
      temporary: false,
      hint: "Allow ecr:GetAuthorizationToken on * in the identity policy of this process",
    });
    await expect(api.describeRepository("team/app")).rejects.toMatchObject({
      code: "Denied",
      hint: `Allow ecr:DescribeRepositories on arn:aws:ecr:${region}:${dev}:repository/team/app in the identity policy of this process; if that is of another account than 111122223333, also in the policy of repository team/app`,
    });
  });

  it("says that the key is wrong without telling what was signed", async () => {
    const env = {
      ...environment(admin()),
      AWS_SECRET_ACCESS_KEY: "wrong-secret",
      AWS_SESSION_TOKEN: "canary-token",
    };
    const api = await open(env).forHost(host);
    const error = await api.getAuthorizationToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "CredentialsUnavailable", temporary: false });
    expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toMatch(
      /wrong-secret|canary-token/,
    );
  });

  it("tries again when it is throttled", async () => {
    emulator.clearRequests();
    const throttled = emulator.faults.add(
      { kind: "ecr-api", times: 1 },
      {
        do: "status",
        status: 400,
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: { __type: "ThrottlingException", message: "Rate exceeded" },
      },
    );
    try {
      const api = await open(environment(admin())).forHost(host);
      expect((await api.getAuthorizationToken()).username).toBe("AWS");
      expect(throttled.met).toBe(1);
    } finally {
      throttled.remove();
    }
  });

  it("stops at once when aborted, with the signal's reason", async () => {
    const stalled = emulator.faults.add({ kind: "ecr-api" }, { do: "stall" });
    try {
      const api = await open(environment(admin())).forHost(host);
      const controller = new AbortController();
      const asked = api.getAuthorizationToken({ signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 50);
      await expect(asked).rejects.toThrow("enough");
    } finally {
      stalled.remove();
    }
  });

  it("asks the registry's own region, for FIPS and dual-stack hosts too where an endpoint is given", async () => {
    emulator.clearRequests();
    const clients = open(environment(admin()));
    const west = await clients.forHost(ecrHost(`${dev}.dkr-ecr-fips.us-west-2.on.aws`));
    await west.getAuthorizationToken();
    expect(emulator.requests.map((request) => request.region)).toEqual(["us-west-2"]);
  });
});

describe("identities", () => {
  const cluster = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";

  it("assumes a role per registry with external id and session name, once for many calls", async () => {
    emulator
      .account(prod)
      .createRole(
        "promoter",
        [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }],
        {
          trustPolicy: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "sts:AssumeRole",
                Principal: { AWS: `arn:aws:iam::${dev}:root` },
                Condition: { StringEquals: { "sts:ExternalId": "shared-word" } },
              },
            ],
          },
        },
      );
    emulator.clearRequests();
    const role = {
      arn: `arn:aws:iam::${prod}:role/promoter`,
      externalId: "shared-word",
      sessionName: "release",
    };
    const clients = ecrClients({
      env: environment(admin()),
      clock: systemClock,
      roleFor: ({ accountId }) => (accountId === prod ? role : undefined),
    });
    const there = await clients.forHost(ecrHost(registryHost(prod, region)));
    const here = await clients.forHost(host);
    expect((await there.getAuthorizationToken()).callerAccount).toBe(prod);
    expect((await here.getAuthorizationToken()).callerAccount).toBe(dev);
    await there.describeRepository("team/app");
    const sts = emulator.requests.filter((request) => request.kind === "sts");
    expect(sts.map((request) => request.action)).toEqual(["AssumeRole"]);
    const principals = emulator.requests.flatMap((request) =>
      request.kind === "ecr-api" ? request.principal : [],
    );
    expect(principals).toContain(`arn:aws:sts::${prod}:assumed-role/promoter/release`);
    expect(clients.identityFor(there.host)).not.toBe(clients.identityFor(host));
  });

  it("says whose trust is missing when the role is refused, and tells no external id", async () => {
    emulator.account(prod).createRole("closed", []);
    const role = { arn: `arn:aws:iam::${prod}:role/closed`, externalId: "secret-word" };
    const api = await open(environment(admin()), role).forHost(ecrHost(registryHost(prod, region)));
    const error = await api.getAuthorizationToken().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "Denied",
      message: expect.stringContaining(`Cannot assume ${role.arn}`),
      hint: expect.stringContaining(`Allow sts:AssumeRole on ${role.arn}`),
    });
    expect(String(error) + JSON.stringify(error)).not.toContain("secret-word");
  });

  it("is the ServiceAccount's role where the pod has a web identity (IRSA)", async () => {
    const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
    const file = join(folder, "token");
    const issuer = cluster.replace("https://", "");
    const provider = `arn:aws:iam::${dev}:oidc-provider/${issuer}`;
    emulator.store
      .account(dev)
      .oidcProviders.set(provider, { arn: provider, issuer, clientIds: ["sts.amazonaws.com"] });
    emulator
      .account(dev)
      .createRole(
        "irsa",
        [{ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }] }],
        {
          trustPolicy: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Allow",
                Action: "sts:AssumeRoleWithWebIdentity",
                Principal: { Federated: provider },
              },
            ],
          },
        },
      );
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = {
      iss: cluster,
      sub: "system:serviceaccount:app:promoter",
      aud: "sts.amazonaws.com",
      exp: 4e9,
    };
    await writeFile(file, `${encode({ alg: "none" })}.${encode(claims)}.`);
    try {
      const env = {
        AWS_ENDPOINT_URL_ECR: emulator.url,
        AWS_ENDPOINT_URL_STS: emulator.url,
        AWS_WEB_IDENTITY_TOKEN_FILE: file,
        AWS_ROLE_ARN: `arn:aws:iam::${dev}:role/irsa`,
      };
      emulator.clearRequests();
      const api = await open(env).forHost(host);
      expect((await api.getAuthorizationToken()).callerAccount).toBe(dev);
      const asked = emulator.requests.map((request) => request.principal);
      expect(asked).toContain(`arn:aws:sts::${dev}:assumed-role/irsa/image-promoter`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("says how to give credentials when there are none", async () => {
    const env = {
      AWS_ENDPOINT_URL: emulator.url,
      AWS_WEB_IDENTITY_TOKEN_FILE: "/nonexistent/token",
      AWS_ROLE_ARN: `arn:aws:iam::${dev}:role/irsa`,
    };
    const api = await open(env).forHost(host);
    await expect(api.getAuthorizationToken()).rejects.toMatchObject({
      code: "CredentialsUnavailable",
      message: expect.stringContaining("/nonexistent/token"),
    });
  });
});

describe("the way to ECR's API", () => {
  it("goes through the proxy that the environment names, unless NO_PROXY has the host", async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ __type: "RepositoryNotFoundException", message: "none" }));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    try {
      const env = { ...environment(admin(), "http://ecr.example.invalid"), HTTP_PROXY: url };
      const api = await open(env).forHost(host);
      expect(await api.describeRepository("team/app")).toBeUndefined();
      expect(asked).toEqual(["http://ecr.example.invalid/"]);
      const direct = await open({ ...environment(admin()), HTTP_PROXY: url, NO_PROXY: "127.0.0.1" }).forHost(
        host,
      );
      expect((await direct.getAuthorizationToken()).username).toBe("AWS");
      expect(asked).toHaveLength(1);
    } finally {
      proxy.close();
    }
  });

  it("says what to check when nobody answers there", async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const api = await open(environment(admin(), `http://127.0.0.1:${port}`)).forHost(host);
    await expect(api.getAuthorizationToken()).rejects.toMatchObject({
      code: "Network",
      temporary: true,
      hint: expect.stringContaining("com.amazonaws.eu-west-1.ecr.api"),
    });
  });

  it("refuses an endpoint that is no address, without showing it", async () => {
    const env = { ...environment(admin()), AWS_ENDPOINT_URL_ECR: "user:canary@nowhere" };
    const error = await open(env)
      .forHost(host)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "InvalidConfiguration",
      message: expect.stringContaining("AWS_ENDPOINT_URL_ECR"),
    });
    expect(String(error)).not.toContain("canary");
  });
});
