import { isObject } from "../../../job/oci/descriptor.ts";
import { uniqueId } from "../account-fixture.ts";
import { readPolicyDocument } from "../iam/policy-document.ts";
import { PolicyDocumentError } from "../iam/policy-document-error.ts";
import type { Identity } from "../identity.ts";
import { StsError, validationError } from "./sts-error.ts";
import type { FormFields, StsRequest } from "./sts-operation.ts";
import type { XmlElements } from "./sts-reply.ts";

/** What both ways to assume a role ask for. */
export interface SessionRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly sessionPolicy?: object;
  readonly tags?: Readonly<Record<string, string>>;
}

const chainedSessionSeconds = 3600;
const maxSessionPolicyLength = 2048;

/** @throws {StsError} `ValidationError`, `MalformedPolicyDocument`. */
export function readSessionRequest(fields: FormFields): SessionRequest {
  const {
    RoleArn: roleArn = "",
    RoleSessionName: sessionName = "",
    DurationSeconds = "3600",
    Policy,
  } = fields;
  checkField("roleArn", roleArn, /^.{20,2048}$/s, "Member must have length greater than or equal to 20");
  checkField(
    "roleSessionName",
    sessionName,
    /^[\w+=,.@-]{2,64}$/,
    "Member must satisfy regular expression pattern: [\\w+=,.@-]*",
  );
  checkField("durationSeconds", DurationSeconds, /^[0-9]{1,6}$/, "Member must be an integer");
  const durationSeconds = Number(DurationSeconds);
  if (durationSeconds < 900) {
    throw invalidField(
      "durationSeconds",
      DurationSeconds,
      "Member must have value greater than or equal to 900",
    );
  }
  return {
    roleArn,
    sessionName,
    durationSeconds,
    ...(Policy !== undefined && { sessionPolicy: readSessionPolicy(Policy) }),
  };
}

/**
 * Issues credentials for a session of `role` and answers the elements that both operations have in common.
 *
 * @throws {StsError} `ValidationError` when the session would outlast what the role or its chain allows.
 */
export function startSession(role: Identity, session: SessionRequest, request: StsRequest): XmlElements {
  const { store, now, principal } = request;
  const isChained = principal?.kind === "assumed-role";
  if (isChained && session.durationSeconds > chainedSessionSeconds) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
  }
  if (session.durationSeconds > (role.maxSessionSeconds ?? 3600)) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  const { accountId, arn: roleArn, name } = role;
  const partition = roleArn.split(":")[1] ?? "aws";
  const userId = `${uniqueId("AROA", roleArn)}:${session.sessionName}`;
  const arn = `arn:${partition}:sts::${accountId}:assumed-role/${name}/${session.sessionName}`;
  const expiresAt = now + session.durationSeconds * 1000;
  const { sessionPolicy, tags: sessionTags } = session;
  const key = store.issueAccessKey(
    {
      ...{ kind: "assumed-role", arn, accountId, roleArn, userId },
      ...(sessionTags && { sessionTags }),
      ...(sessionPolicy && { sessionPolicy }),
    },
    expiresAt,
  );
  return {
    AssumedRoleUser: { AssumedRoleId: userId, Arn: arn },
    Credentials: {
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      SessionToken: key.sessionToken,
      Expiration: new Date(expiresAt).toISOString().replace(/\.[0-9]{3}Z$/, "Z"),
    },
    PackedPolicySize:
      sessionPolicy && Math.ceil((JSON.stringify(sessionPolicy).length * 100) / maxSessionPolicyLength),
  };
}

/** The role of that ARN; undefined when there is none. */
export function findRole({ store }: StsRequest, roleArn: string): Identity | undefined {
  const accountId = /^arn:[a-z-]+:iam::([0-9]{12}):role\//.exec(roleArn)?.[1];
  const identity =
    accountId === undefined ? undefined : store.accounts.get(accountId)?.identities.get(roleArn);
  return identity?.kind === "role" ? identity : undefined;
}

function readSessionPolicy(text: string): object {
  if (text.length > maxSessionPolicyLength) {
    throw invalidField(
      "policy",
      "…",
      `Member must have length less than or equal to ${maxSessionPolicyLength}`,
    );
  }
  try {
    const document: unknown = JSON.parse(text);
    readPolicyDocument(document, "identity");
    return isObject(document) ? document : {};
  } catch (error) {
    if (!(error instanceof PolicyDocumentError || error instanceof SyntaxError)) throw error;
    throw new StsError(
      400,
      "MalformedPolicyDocument",
      `The policy is not in the valid JSON format: ${error.message}`,
    );
  }
}

function checkField(name: string, value: string, pattern: RegExp, constraint: string): void {
  if (!pattern.test(value)) throw invalidField(name, value, constraint);
}

function invalidField(name: string, value: string, constraint: string): StsError {
  const shown = value === "" ? "null" : `'${value}'`;
  return validationError(
    `1 validation error detected: Value ${shown} at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}
