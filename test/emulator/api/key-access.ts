import { EcrException } from "../ecr-exception.ts";
import { checkAccess, describeDenial } from "../iam/check-access.ts";
import type { Encryption } from "../repository.ts";
import type { EcrRequest } from "./operation.ts";

const grantActions = ["kms:DescribeKey", "kms:CreateGrant", "kms:RetireGrant"];

/**
 * Whoever creates an encrypted repository needs rights on a key of their own, through ECR; the account's `aws/ecr` is
 * everybody's there. Key policies are taken to leave the decision to IAM, as KMS's default one does.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html}
 *
 * @throws {EcrException} `KmsException` when the caller's policies do not allow it.
 */
export function requireKeyAccess(request: EcrRequest, { kmsKey }: Encryption): void {
  const { authorization, mode } = request.context.options;
  if ((authorization ?? (mode === "strict" ? "none" : "iam")) === "none") return;
  if (kmsKey === undefined || kmsKey.endsWith(":alias/aws/ecr")) return;
  const { accountId } = request.principal;
  const { region } = request.call;
  const alias = /(?:^|:)(alias\/.+)$/.exec(kmsKey)?.[1];
  const id = alias === undefined ? kmsKey : "00000000-0000-0000-0000-000000000000";
  const resource =
    kmsKey.startsWith("arn:") && alias === undefined
      ? kmsKey
      : `arn:aws:kms:${region}:${accountId}:key/${id}`;
  for (const action of grantActions) {
    const check = {
      principal: request.principal,
      action,
      resource,
      resourceAccountId: accountId,
      context: {
        ...request.call.conditionKeys,
        "kms:CallerAccount": accountId,
        "kms:ViaService": `ecr.${region}.amazonaws.com`,
        ...(alias !== undefined && { "kms:ResourceAliases": [alias] }),
      },
    };
    const decision = checkAccess(request.store, check);
    if (!decision.allowed) throw new EcrException("KmsException", describeDenial(check, decision));
  }
}
