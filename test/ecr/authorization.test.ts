import { describe, expect, it } from "vitest";
import type { AuthorizationToken } from "../../job/ecr/api.ts";
import { ecrCredentials } from "../../job/ecr/authorization.ts";
import type { EcrRegistryHost } from "../../job/ecr/registry-host.ts";
import { PromoterError } from "../../job/error.ts";
import type { Log } from "../../job/log.ts";
import { silentLog } from "../../job/log.ts";
import { fakeClients } from "./fake-clients.ts";
import { ManualClock, settle } from "./manual-clock.ts";

const hour = 60 * 60_000;
const dev = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
const prod = "444455556666.dkr.ecr.eu-west-1.amazonaws.com";

interface Setup {
  readonly lifeMs?: number;
  readonly identityFor?: (host: EcrRegistryHost) => string;
  readonly log?: Log;
  readonly renewBeforeMs?: number;
}

function setup({ lifeMs = 12 * hour, identityFor, log = silentLog, renewBeforeMs }: Setup = {}) {
  const clock = new ManualClock();
  let count = 0;
  let failure: PromoterError | undefined;
  let gate: Promise<void> | undefined;
  const clients = fakeClients(
    (host) => ({
      async getAuthorizationToken(): Promise<AuthorizationToken> {
        count += 1;
        const number = count;
        await gate;
        if (failure) throw failure;
        return {
          username: "AWS",
          password: `${host.region} ${number}`,
          expiresAt: clock.now() + lifeMs,
        };
      },
    }),
    identityFor,
  );
  const provider = ecrCredentials({
    clients,
    clock,
    log,
    ...(renewBeforeMs !== undefined && { renewBeforeMs }),
  });
  const password = async (host: string, refused?: string) => {
    const refusedCredentials =
      refused === undefined
        ? {}
        : { refused: { kind: "basic", username: "AWS", password: refused } as const };
    const credentials = await provider.credentialsFor(host, refusedCredentials);
    return credentials?.kind === "basic" ? credentials.password : undefined;
  };
  return {
    clock,
    provider,
    password,
    asked: () => count,
    fail: (error: PromoterError | undefined) => {
      failure = error;
    },
    hold: () => {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
  };
}

const unavailable = new PromoterError("Unavailable", "ECR is down", { temporary: true });

describe("ecrCredentials", () => {
  it("gives the token as Basic credentials", async () => {
    const { provider } = setup();
    expect(await provider.credentialsFor(dev)).toEqual({
      kind: "basic",
      username: "AWS",
      password: "eu-west-1 1",
    });
  });

  it("is preemptive for private registries only", () => {
    const { provider } = setup();
    const hosts = [dev, "public.ecr.aws", "ghcr.io", `${dev}.attacker.net`];
    expect(hosts.map((host) => provider.isPreemptive?.(host))).toEqual([true, false, false, false]);
  });

  it.each(["public.ecr.aws", "ghcr.io", `${dev}.attacker.net`, "127.0.0.1:5000"])(
    "gives nothing to %s, and asks nobody",
    async (host) => {
      const { provider, asked } = setup();
      expect(await provider.credentialsFor(host)).toBeUndefined();
      expect(asked()).toBe(0);
    },
  );

  it("takes one token for all accounts, and all host names, of a region and identity", async () => {
    const { password, asked } = setup();
    const dual = "111122223333.dkr-ecr.eu-west-1.on.aws";
    const passwords = await Promise.all([dev, prod, dual, dev].map((host) => password(host)));
    expect(new Set(passwords)).toEqual(new Set(["eu-west-1 1"]));
    expect(asked()).toBe(1);
  });

  it("takes a token of its own for another region or identity", async () => {
    const identityFor = (host: EcrRegistryHost) =>
      host.accountId.startsWith("4") ? "a role" : "this process";
    const { password, asked } = setup({ identityFor });
    expect(await password(dev)).not.toBe(await password(prod));
    expect(await password(dev.replace("eu-west-1", "us-east-1"))).toContain("us-east-1");
    expect(asked()).toBe(3);
  });

  it("renews at half of the token's life, in the background", async () => {
    const { clock, password, hold, asked } = setup();
    await password(dev);
    await clock.advance(6 * hour - 1);
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(asked()).toBe(1);
    await clock.advance(1);
    const open = hold();
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(asked()).toBe(2);
    open();
    await settle();
    expect(await password(dev)).toBe("eu-west-1 2");
  });

  it("renews as early as it is told to", async () => {
    const { clock, password, asked } = setup({ renewBeforeMs: hour });
    await password(dev);
    await clock.advance(11 * hour - 1);
    await password(dev);
    expect(asked()).toBe(1);
    await clock.advance(1);
    await password(dev);
    expect(asked()).toBe(2);
  });

  it("keeps the old token while renewing fails, says so, and does not ask at every request", async () => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
    const { clock, password, fail, asked } = setup({ log });
    await password(dev);
    await clock.advance(7 * hour);
    fail(unavailable);
    expect(await password(dev)).toBe("eu-west-1 1");
    await settle();
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(asked()).toBe(2);
    expect(warnings).toHaveLength(1);
    fail(undefined);
    await clock.advance(60_000);
    await password(dev);
    await settle();
    expect(await password(dev)).toBe("eu-west-1 3");
  });

  it("waits for a new token when the old one is about to expire, and fails when there is none", async () => {
    const { clock, password, fail } = setup();
    await password(dev);
    await clock.advance(12 * hour - 60_000);
    expect(await password(dev)).toBe("eu-west-1 2");
    await clock.advance(12 * hour);
    fail(unavailable);
    await expect(password(dev)).rejects.toBe(unavailable);
    fail(undefined);
    expect(await password(dev)).toBe("eu-west-1 4");
  });

  it("replaces a refused token at once, once for all whose token was refused", async () => {
    const { password, asked } = setup();
    const old = await password(dev);
    const renewed = await Promise.all([password(dev, old), password(prod, old), password(dev, old)]);
    expect(renewed).toEqual(["eu-west-1 2", "eu-west-1 2", "eu-west-1 2"]);
    expect(await password(dev, old)).toBe("eu-west-1 2");
    expect(asked()).toBe(2);
  });

  it("uses a token that seems to be expired already: this machine's clock may be wrong", async () => {
    const { clock, password, asked } = setup({ lifeMs: -13 * hour });
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(await password(dev)).toBe("eu-west-1 1");
    expect(asked()).toBe(1);
    await clock.advance(5 * 60_000);
    expect(await password(dev)).toBe("eu-west-1 2");
  });

  it("believes in no more than twelve hours of life", async () => {
    const { clock, password } = setup({ lifeMs: 40 * hour });
    await password(dev);
    await clock.advance(12 * hour);
    expect(await password(dev)).toBe("eu-west-1 2");
  });

  it("stops waiting when aborted, and leaves the token to those who still wait", async () => {
    const { provider, password, hold, asked } = setup();
    const open = hold();
    const controller = new AbortController();
    const aborted = provider.credentialsFor(dev, { signal: controller.signal });
    const waiting = password(dev);
    await settle();
    controller.abort(new Error("enough"));
    await expect(aborted).rejects.toThrow("enough");
    open();
    expect(await waiting).toBe("eu-west-1 1");
    expect(asked()).toBe(1);
  });
});
