import { callerOf, type StsOperation } from "./sts-operation.ts";

/** Needs no permission: who holds a key may know whose it is. */
export const getCallerIdentity: StsOperation = (_, request) => {
  const { arn, userId, accountId } = callerOf(request);
  return { Arn: arn, UserId: userId ?? accountId, Account: accountId };
};
