import { describe, expect, it } from "vitest";
import { credentialsError } from "../../job/ecr/credentials-error.ts";
import { serviceError } from "../../job/ecr/service-error.ts";
import type { ErrorCode } from "../../job/error.ts";
import { PromoterError } from "../../job/error.ts";
import { ecrHost } from "./fake-clients.ts";

const call = {
  operation: "DescribeRepositories",
  host: ecrHost(),
  repository: "team/app",
  identity: "this process",
};

function exception(name: string, more: object = {}): Error {
  return Object.assign(new Error(`${name} was said`), { name, ...more });
}

describe("serviceError", () => {
  it.each([
    ["DescribeImages", "team/app", "also in the policy of repository team/app"],
    ["SetRepositoryPolicy", "team/app", "take credentials of account 111122223333"],
    ["DescribeRepositories", undefined, "take credentials of account 111122223333"],
  ])("says what a caller of another account does about a denied %s", (operation, repository, remedy) => {
    const { host, identity } = call;
    const error = serviceError(exception("AccessDeniedException"), {
      operation,
      host,
      identity,
      ...(repository && { repository }),
    });
    expect(error.hint).toContain(`if that is of another account than 111122223333, ${remedy}`);
  });

  it.each<[string, object, ErrorCode]>([
    ["a connection that was reset, which the SDK calls a timeout", { code: "ECONNRESET" }, "Network"],
    ["a timeout", {}, "Timeout"],
    ["408 in nobody's words", { name: "UnknownError", $metadata: { httpStatusCode: 408 } }, "Timeout"],
    [
      "429 in nobody's words",
      { name: "UnknownError", $metadata: { httpStatusCode: 429 } },
      "TooManyRequests",
    ],
    ["502 in nobody's words", { name: "UnknownError", $metadata: { httpStatusCode: 502 } }, "Unavailable"],
  ])("takes %s for something that may pass", (_, more, code) => {
    expect(serviceError(exception("TimeoutError", more), call)).toMatchObject({ code, temporary: true });
  });

  it("asks for no other account where everybody has a token of their own", () => {
    const denied = serviceError(exception("AccessDeniedException"), {
      ...call,
      operation: "GetAuthorizationToken",
    });
    expect(denied.hint).not.toContain("another account");
  });

  it("says of a policy that is refused that its principals have to exist", () => {
    const refused = exception("InvalidParameterException");
    expect(serviceError(refused, { ...call, operation: "SetRepositoryPolicy" }).hint).toContain(
      "have to exist",
    );
  });

  it.each<[string, ErrorCode, boolean]>([
    ["AccessDeniedException", "Denied", false],
    ["BlockedByOrganizationPolicyException", "Denied", false],
    ["ThrottlingException", "TooManyRequests", true],
    ["TooManyRequestsException", "TooManyRequests", true],
    ["LimitExceededException", "Denied", false],
    ["ServerException", "Unavailable", true],
    ["ServiceUnavailableException", "Unavailable", true],
    ["InternalFailure", "Unavailable", true],
    ["RepositoryNotFoundException", "NameUnknown", false],
    ["ImageNotFoundException", "ManifestUnknown", false],
    ["ImageArchivedException", "ImageArchived", false],
    ["KmsException", "Denied", false],
    ["ExpiredTokenException", "CredentialsUnavailable", true],
    ["UnrecognizedClientException", "CredentialsUnavailable", false],
    ["InvalidSignatureException", "CredentialsUnavailable", false],
    ["RequestTimeTooSkewed", "CredentialsUnavailable", false],
    ["InvalidParameterException", "Unsupported", false],
    ["TimeoutError", "Timeout", true],
    ["SomethingNew", "Unsupported", false],
  ])("%s is %s", (name, code, temporary) => {
    const error = serviceError(exception(name), call);
    expect(error).toMatchObject({ code, temporary });
    expect(error.message).toMatch(
      /^Cannot call ecr:DescribeRepositories for 111122223333\.dkr.*\/team\/app: /,
    );
    expect(error.hint).toMatch(/^[A-Z].*[^.]$/);
  });

  it.each(["CERT_HAS_EXPIRED", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"])(
    "%s does not pass by waiting, and says where to name the authority",
    (code) => {
      const error = serviceError(Object.assign(new Error(code), { code }), call);
      expect(error).toMatchObject({
        code: "Network",
        temporary: false,
        hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
      });
    },
  );

  it.each(["ECONNREFUSED", "ENOTFOUND", "ECONNRESET"])("%s is the network", (code) => {
    expect(serviceError(exception("Error", { code }), call)).toMatchObject({
      code: "Network",
      temporary: true,
    });
  });

  it.each([
    [407, false, /HTTPS_PROXY=http:\/\/name:password/],
    [403, false, /NO_PROXY/],
    [429, true, /proxy/],
    [502, true, /proxy/],
  ])("a proxy that answers %i is temporary: %s", (statusCode, temporary, hint) => {
    const error = serviceError(exception("Error", { code: "ERR_PROXY_TUNNEL", statusCode }), call);
    expect(error).toMatchObject({ code: "Network", temporary, hint: expect.stringMatching(hint) });
  });

  it("takes any 5xx for passing trouble", () => {
    const error = serviceError(exception("Strange", { $metadata: { httpStatusCode: 502 } }), call);
    expect(error).toMatchObject({ code: "Unavailable", temporary: true, status: 502 });
  });

  it("blames the settings when a change is refused", () => {
    const error = serviceError(exception("InvalidParameterException"), {
      ...call,
      operation: "CreateRepository",
    });
    expect(error.code).toBe("InvalidConfiguration");
  });

  it.each(["InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired"])(
    "keeps what was signed to itself: %s",
    (name) => {
      const error = serviceError(
        Object.assign(exception(name), { message: "x-amz-security-token:canary" }),
        call,
      );
      expect(error.message).toContain(name);
      expect(error.message).not.toContain("canary");
      expect(error.cause).toBeUndefined();
      expect(error.hint).toContain("clock");
    },
  );

  it("leaves an error that is explained already", () => {
    const known = new PromoterError("CredentialsUnavailable", "no credentials");
    expect(serviceError(known, call)).toBe(known);
  });

  it("says something of what is no error at all", () => {
    expect(serviceError("broken", call)).toMatchObject({
      code: "Unsupported",
      message: expect.stringMatching(/: broken$/),
    });
  });
});

describe("credentialsError", () => {
  const role = { arn: "arn:aws:iam::444455556666:role/promoter", externalId: "word" };

  it("tells how to configure credentials when no source has any", () => {
    const error = credentialsError(exception("CredentialsProviderError"), "eu-west-1");
    expect(error).toMatchObject({ code: "CredentialsUnavailable", temporary: false });
    for (const way of ["Pod Identity", "IRSA", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"])
      expect(error.hint).toContain(way);
  });

  it("tells apart the two sides of a refused role", () => {
    const error = credentialsError(
      exception("AccessDenied", { $metadata: { httpStatusCode: 403 } }),
      "eu-west-1",
      role,
    );
    expect(error).toMatchObject({ code: "Denied", temporary: false, status: 403 });
    expect(error.hint).toContain("identity policy of this process");
    expect(error.hint).toContain("trust policy");
    expect(error.hint).not.toContain("word");
  });

  it("takes a web identity that is refused for a matter of trust", () => {
    const error = credentialsError(
      exception("InvalidIdentityToken", { $metadata: { httpStatusCode: 400 } }),
      "eu-west-1",
    );
    expect(error).toMatchObject({ code: "CredentialsUnavailable", temporary: false });
    expect(error.hint).toContain("OIDC provider");
  });

  it("may be tried again when STS cannot be reached", () => {
    const error = credentialsError(exception("TimeoutError"), "eu-west-1", role);
    expect(error).toMatchObject({ code: "CredentialsUnavailable", temporary: true });
    expect(error.hint).toContain("com.amazonaws.eu-west-1.sts");
  });
});
