import { describe, expect, it } from "vitest";
import { firstOf } from "../../job/registry/credential-chain.ts";
import type { CredentialProvider, CredentialsRequest } from "../../job/registry/credentials.ts";

function only(host: string, password: string, preemptive?: boolean): CredentialProvider {
  return {
    credentialsFor: async (asked) =>
      asked === host ? { kind: "basic", username: "me", password } : undefined,
    ...(preemptive !== undefined && { isPreemptive: (asked) => preemptive && asked === host }),
  };
}

describe("firstOf", () => {
  it("takes the first that has something", async () => {
    const chain = firstOf([only("a.example", "1"), only("b.example", "2"), only("b.example", "3")]);
    expect(await chain.credentialsFor("a.example")).toMatchObject({ password: "1" });
    expect(await chain.credentialsFor("b.example")).toMatchObject({ password: "2" });
    expect(await chain.credentialsFor("c.example")).toBeUndefined();
    expect(await firstOf([]).credentialsFor("a.example")).toBeUndefined();
  });

  it("asks nobody after the first that has something, and hands on what is asked", async () => {
    const requests: unknown[] = [];
    const recording: CredentialProvider = {
      async credentialsFor(host, request) {
        requests.push([host, request]);
        return undefined;
      },
    };
    const request: CredentialsRequest = { refused: { kind: "identity-token", token: "t" } };
    await firstOf([recording, only("a.example", "1"), recording]).credentialsFor("a.example", request);
    expect(requests).toEqual([["a.example", request]]);
  });

  it("does not take a failure for nothing", async () => {
    const failing: CredentialProvider = { credentialsFor: () => Promise.reject(new Error("could not ask")) };
    await expect(firstOf([failing, only("a.example", "1")]).credentialsFor("a.example")).rejects.toThrow(
      "could not ask",
    );
  });

  it("is preemptive where one of them is", () => {
    const chain = firstOf([
      only("a.example", "1"),
      only("b.example", "2", true),
      only("c.example", "3", false),
    ]);
    expect(["a.example", "b.example", "c.example"].map((host) => chain.isPreemptive?.(host))).toEqual([
      false,
      true,
      false,
    ]);
  });
});
