import { ECRClient, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account, openRegistry, region } from "./registry-client.ts";

describe("the two faces of one store", () => {
  it("take the token of the API at the registry", async () => {
    await using registry = await openRegistry();
    const { accessKeyId, secretAccessKey } = registry.emulator.account(account).admin();
    const credentials = { accessKeyId, secretAccessKey };
    const client = new ECRClient({ region, endpoint: registry.emulator.url, credentials });
    const { authorizationData = [] } = await client.send(new GetAuthorizationTokenCommand());
    const headers = { authorization: `Basic ${authorizationData[0]?.authorizationToken}` };
    expect((await registry.ask("GET", "/v2/app/tags/list", { headers })).status).toBe(200);
    expect(registry.emulator.requests).toMatchObject([
      { kind: "ecr-api", action: "GetAuthorizationToken", status: 200, account, region },
      { kind: "tags", status: 200 },
    ]);
  });

  it("answer ThrottlingException above the rate of an action", async () => {
    const frozen = Date.now();
    await using registry = await openRegistry({
      rateLimits: { GetAuthorizationToken: 1 },
      clock: { now: () => frozen },
    });
    const { accessKeyId, secretAccessKey } = registry.emulator.account(account).admin();
    const credentials = { accessKeyId, secretAccessKey };
    const client = new ECRClient({ region, endpoint: registry.emulator.url, credentials, maxAttempts: 1 });
    await client.send(new GetAuthorizationTokenCommand());
    await expect(client.send(new GetAuthorizationTokenCommand())).rejects.toMatchObject({
      name: "ThrottlingException",
    });
  });

  it("refuse a signature that is not ours", async () => {
    await using registry = await openRegistry();
    const { accessKeyId } = registry.emulator.account(account).admin();
    const credentials = { accessKeyId, secretAccessKey: "another" };
    const client = new ECRClient({ region, endpoint: registry.emulator.url, credentials });
    await expect(client.send(new GetAuthorizationTokenCommand())).rejects.toMatchObject({
      name: "InvalidSignatureException",
    });
  });
});
