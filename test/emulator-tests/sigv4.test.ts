import { describe, expect, it } from "vitest";
import type { SignedRequest } from "../emulator/iam/canonical-request.ts";
import { describeFault } from "../emulator/iam/signature-fault.ts";
import { SignatureError, verifySignature } from "../emulator/iam/sigv4.ts";
import type { AccessKey } from "../emulator/identity.ts";

// The published test suite of Signature Version 4: its key, date and scope.
const now = Date.parse("2015-08-30T12:36:00Z");
const key: AccessKey = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  principal: { kind: "user", arn: "arn:aws:iam::111122223333:user/ann", accountId: "111122223333" },
};
const vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

interface Parts {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly credential?: string;
  readonly signed?: string;
  readonly signature?: string;
}

function request(parts: Parts = {}): SignedRequest {
  const { credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request" } = parts;
  const { signed = "host;x-amz-date", signature = vanilla } = parts;
  return {
    method: parts.method ?? "GET",
    target: parts.target ?? "/",
    body: Buffer.from(parts.body ?? ""),
    headers: new Headers({
      host: "example.amazonaws.com",
      "x-amz-date": "20150830T123600Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${signed}, Signature=${signature}`,
      ...parts.headers,
    }),
  };
}

function verify(
  given: SignedRequest,
  options: { now?: number; keys?: readonly AccessKey[]; service?: string } = {},
) {
  const { keys = [key], service = "service" } = options;
  const accessKeys = new Map(keys.map((known) => [known.accessKeyId, known]));
  return verifySignature(given, { accessKeys, now: options.now ?? now, service });
}

function refusal(work: () => unknown): SignatureError {
  try {
    work();
  } catch (error) {
    if (error instanceof SignatureError) return error;
    throw error;
  }
  throw new Error("It was accepted");
}

describe("verifySignature", () => {
  it.each<[string, Parts]>([
    ["get-vanilla", {}],
    [
      "get-vanilla-query-order-key-case",
      {
        target: "/?Param2=value2&Param1=value1",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
      },
    ],
    [
      "post-vanilla",
      { method: "POST", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" },
    ],
    [
      "post-x-www-form-urlencoded",
      {
        method: "POST",
        body: "Param1=value1",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        signed: "content-type;host;x-amz-date",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
      },
    ],
  ])("accepts %s of the published test suite", (_, parts) => {
    expect(verify(request(parts))).toEqual({ key, region: "us-east-1" });
  });

  it.each<[string, Parts]>([
    ["another method", { method: "PUT" }],
    ["another path", { target: "/other" }],
    ["another query", { target: "/?a=b" }],
    ["another body", { body: "changed" }],
    ["another host", { headers: { host: "other.amazonaws.com" } }],
    ["another region", { credential: "AKIDEXAMPLE/20150830/eu-west-1/service/aws4_request" }],
    ["a signature of another length", { signature: "5fa0" }],
  ])("refuses %s", (_, parts) => {
    const error = refusal(() => verify(request(parts)));
    expect(error.fault).toBe("mismatch");
    expect(error.message).toContain("The request signature we calculated does not match");
  });

  it.each([
    [4 * 60_000, undefined],
    [
      6 * 60_000,
      "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)",
    ],
    [
      -6 * 60_000,
      "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)",
    ],
  ])("judges a clock that is %d ms ahead", (ahead, message) => {
    const judge = () => verify(request(), { now: now + ahead });
    if (message === undefined) expect(judge().key).toBe(key);
    else expect(refusal(judge)).toMatchObject({ fault: "skewed", message });
  });

  it("refuses a key that nobody has", () => {
    const error = refusal(() => verify(request(), { keys: [] }));
    expect(error).toMatchObject({
      fault: "unknown-key",
      message: "The security token included in the request is invalid.",
    });
  });

  it("needs the token of a session, and that it has not expired", () => {
    const session = { ...key, sessionToken: "token", expiresAt: now + 1 };
    const token = { "x-amz-security-token": "token" };
    expect(refusal(() => verify(request(), { keys: [session] })).fault).toBe("unknown-key");
    expect(
      refusal(() => verify(request({ headers: { "x-amz-security-token": "x" } }), { keys: [session] })).fault,
    ).toBe("unknown-key");
    expect(verify(request({ headers: token }), { keys: [session] }).key).toBe(session);
    expect(refusal(() => verify(request({ headers: token }), { keys: [session], now: now + 1 })).fault).toBe(
      "expired-session",
    );
  });

  it("refuses a request for another service", () => {
    expect(refusal(() => verify(request(), { service: "ecr" })).message).toBe(
      "Credential should be scoped to correct service: 'ecr'.",
    );
  });

  it("refuses a scope of another day", () => {
    const credential = "AKIDEXAMPLE/20150829/us-east-1/service/aws4_request";
    expect(refusal(() => verify(request({ credential }))).message).toContain(
      "Date in Credential scope does not match",
    );
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ["no header", { authorization: "" }, "missing"],
    ["another scheme", { authorization: "Basic QVdTOng=" }, "incomplete"],
    [
      "no signature",
      { authorization: "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=host" },
      "incomplete",
    ],
    [
      "a credential without a scope",
      { authorization: "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=x" },
      "incomplete",
    ],
    [
      "a host that is not signed",
      {
        authorization:
          "AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request, SignedHeaders=x-amz-date, Signature=x",
      },
      "incomplete",
    ],
    ["a date that is none", { "x-amz-date": "yesterday" }, "incomplete"],
  ])("refuses %s", (_, headers, fault) => {
    expect(refusal(() => verify(request({ headers }))).fault).toBe(fault);
  });
});

describe("describeFault", () => {
  it("has each protocol's own name and status", () => {
    expect(describeFault("skewed", "json")).toEqual({ code: "InvalidSignatureException", status: 400 });
    expect(describeFault("skewed", "query")).toEqual({ code: "SignatureDoesNotMatch", status: 403 });
    expect(describeFault("incomplete", "query")).toEqual({ code: "IncompleteSignature", status: 400 });
  });
});
