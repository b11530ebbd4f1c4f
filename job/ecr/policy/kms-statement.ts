import type { PolicyStatement } from "./policy-document.ts";
import type { RegistryPlace } from "./registry-place.ts";

/**
 * What whoever creates an encrypted repository must be allowed on its key, so that ECR can make its grants. Pulling
 * and pushing need nothing of the key: the repository's grants serve everybody who may use the repository.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html}
 */
export const keyActions: readonly string[] = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"];

/**
 * The statements of the creator's identity policy: each key, through the ECR of its region only.
 *
 * @param keys ARN, id, or `alias/…` of customer managed keys.
 * @param places where the repositories are created; all of one account.
 */
export function keyStatements(keys: readonly string[], places: readonly RegistryPlace[]): PolicyStatement[] {
  const statements = keys.flatMap((key) => {
    const arn = /^arn:[^:]+:kms:([^:]+):\d{12}:key\//.exec(key);
    const regions = new Map(places.map((place) => [place.region, place]));
    return [...regions.values()]
      .filter(({ region }) => arn === null || arn[1] === region)
      .map((place) => keyStatement(key, place));
  });
  return statements.map((statement, position) => ({
    Sid: `EncryptRepositories${position === 0 ? "" : position + 1}`,
    ...statement,
  }));
}

/**
 * The statement of whoever signs with a key: AWS looks up aliases, IAM does not.
 *
 * @param arn of the key, or of an alias of it.
 */
export function signingStatement(arn: string): PolicyStatement {
  const alias = aliasOf(arn);
  return {
    Sid: "SignStatements",
    Effect: "Allow",
    Action: ["kms:GetPublicKey", "kms:Sign"],
    Resource: alias === undefined ? arn : arn.replace(alias, "key/*"),
    ...(alias !== undefined && {
      Condition: { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } },
    }),
  };
}

function aliasOf(key: string): string | undefined {
  return /^(?:arn:[^:]+:kms:[^:]+:\d{12}:)?(alias\/.+)$/.exec(key)?.[1];
}

function keyStatement(key: string, place: RegistryPlace): PolicyStatement {
  const { partition, region, accountId } = place;
  const alias = aliasOf(key);
  // IAM does not look an alias up: what stands as the resource is always the key itself.
  const id = alias === undefined ? key : "*";
  const isArn = alias === undefined && key.startsWith("arn:");
  return {
    Effect: "Allow",
    Action: keyActions,
    Resource: isArn ? key : `arn:${partition}:kms:${region}:${accountId}:key/${id}`,
    Condition: {
      StringEquals: { "kms:ViaService": ecrServiceNames(place) },
      ...(alias !== undefined && { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } }),
    },
  };
}

/**
 * The statement of the key's own policy, where that does not leave the decision to the account's IAM policies as KMS's
 * default one does.
 *
 * @param principals ARNs of those who create repositories with the key.
 */
export function keyPolicyStatement(place: RegistryPlace, principals: readonly string[]): PolicyStatement {
  return {
    Sid: "ImagePromoterCreatesRepositories",
    Effect: "Allow",
    Principal: { AWS: principals },
    Action: keyActions,
    Resource: "*",
    Condition: {
      StringEquals: { "kms:CallerAccount": place.accountId, "kms:ViaService": ecrServiceNames(place) },
    },
  };
}

/** How KMS names ECR; in China under either of two suffixes. */
function ecrServiceNames({ partition, region }: RegistryPlace): string | readonly string[] {
  const name = `ecr.${region}.amazonaws.com`;
  return partition === "aws-cn" ? [name, `${name}.cn`] : name;
}
