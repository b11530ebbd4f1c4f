import { z } from "zod";
import type { ApiHandler } from "../api-call.ts";
import { assumeRole } from "./assume-role.ts";
import { assumeRoleWithWebIdentity } from "./assume-role-with-web-identity.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { StsError } from "./sts-error.ts";
import type { StsOperation } from "./sts-operation.ts";
import { resultReply, stsErrorReply } from "./sts-reply.ts";

const operations: Readonly<Record<string, StsOperation>> = {
  AssumeRole: assumeRole,
  AssumeRoleWithWebIdentity: assumeRoleWithWebIdentity,
  GetCallerIdentity: getCallerIdentity,
};

const formFields = z.record(z.string(), z.string());

/**
 * AWS Security Token Service in the Query protocol.
 * {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_Operations.html}
 */
export const handleSts: ApiHandler = async (call, { store }) => {
  const run = Object.hasOwn(operations, call.target) ? operations[call.target] : undefined;
  if (run === undefined) {
    const message = `Could not find operation ${call.target} for version 2011-06-15`;
    return stsErrorReply({ status: 400, code: "InvalidAction", message });
  }
  const fields = formFields.catch({}).parse(call.body);
  const { principal, conditionKeys = {} } = call;
  try {
    const result = run(fields, { store, principal, conditionKeys, now: store.clock.now() });
    return resultReply(call.target, result);
  } catch (error) {
    if (error instanceof StsError) return stsErrorReply(error);
    throw error;
  }
};
