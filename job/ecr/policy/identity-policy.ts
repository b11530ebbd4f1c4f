import { keyStatements, signingStatement } from "./kms-statement.ts";
import { type PolicyDocument, type PolicyStatement, policyOf } from "./policy-document.ts";
import { pullActions, scanActions, sourceReadActions } from "./pull-statement.ts";
import { type RepositoryScope, repositoryArns } from "./registry-place.ts";
import { assumeRoleActions } from "./trust-policy.ts";

/** What creating a repository takes besides `ecr:CreateRepository`: an action for each kind of setting that is used. */
export interface CreationRights {
  readonly tags?: boolean;
  readonly lifecyclePolicy?: boolean;
  readonly repositoryPolicy?: boolean;
  /** ARN, id or alias of the customer managed keys that encrypt the repositories. */
  readonly kmsKeys?: readonly string[];
}

export interface IdentityPolicyOptions {
  /** What is pulled with this identity itself. Sources that have a role of their own stand in `assumeRoles`. */
  readonly sources: readonly RepositoryScope[];
  readonly destinations: readonly RepositoryScope[];
  /** ARNs of roles to take on, for registries that are used with a role of their own account. */
  readonly assumeRoles?: readonly string[];
  /** Whether sessions have tags that go along to those roles, as EKS Pod Identity's do. Default false. */
  readonly passesTags?: boolean;
  /** Default false: missing repositories are not created. */
  readonly createRepositories?: false | CreationRights;
  /** Whether to allow what `plan` and `doctor` ask besides, to warn of what ECR will do. Default false. */
  readonly reads?: boolean;
  /** Whether to allow what a gate of scan findings asks. Default false. */
  readonly scans?: boolean;
  /** ARN of the key of KMS, or of its alias, that signs what is attested. */
  readonly signingKey?: string;
}

/** `GetDownloadUrlForLayer` lets layers be mounted from one repository into another. */
const pushActions = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];

const destinationReadActions = [
  "ecr:DescribeImages",
  "ecr:DescribeRepositories",
  "ecr:GetLifecyclePolicy",
  "ecr:ListImages",
];

/**
 * The policy of the Job's role: exactly what promoting takes, no action more. Of a source's role, with no destinations,
 * exactly what pulling takes.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html}
 */
export function identityPolicy(options: IdentityPolicyOptions): PolicyDocument {
  const { sources, destinations, assumeRoles = [], passesTags = false } = options;
  const { createRepositories = false, reads = false, scans = false, signingKey } = options;
  const from = sources.flatMap(repositoryArns);
  const to = destinations.flatMap(repositoryArns);
  const isUsed = from.length + to.length > 0;
  return policyOf(
    ...allow("Login", ["ecr:GetAuthorizationToken"], isUsed ? ["*"] : []),
    ...allow("PullFromSources", pullActions, from),
    ...allow("PushToDestinations", pushActions, to),
    ...(createRepositories === false ? [] : creation(createRepositories, destinations)),
    ...allow("AssumeRoles", assumeRoleActions(passesTags), assumeRoles),
    ...(scans ? scanFindings(from, to) : []),
    ...(signingKey === undefined ? [] : [signingStatement(signingKey)]),
    ...(reads ? inspection(from, to) : []),
  );
}

/**
 * Enhanced findings are Inspector's, which asks for a right of its own. What is put under another tag when no source has
 * it any more is judged by its scan at the destination.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html}
 */
function scanFindings(from: readonly string[], to: readonly string[]): PolicyStatement[] {
  const repositories = [...new Set([...from, ...to])];
  return [
    ...allow("ReadScanFindings", scanActions, repositories),
    ...allow("ReadInspectorFindings", ["inspector2:ListFindings"], repositories.length > 0 ? ["*"] : []),
  ];
}

function creation(rights: CreationRights, destinations: readonly RepositoryScope[]): PolicyStatement[] {
  const { tags, lifecyclePolicy, repositoryPolicy, kmsKeys = [] } = rights;
  const actions = [
    "ecr:CreateRepository",
    ...(lifecyclePolicy ? ["ecr:PutLifecyclePolicy"] : []),
    ...(repositoryPolicy ? ["ecr:SetRepositoryPolicy"] : []),
    ...(tags ? ["ecr:TagResource"] : []),
  ];
  return [
    ...allow("CreateRepositories", actions, destinations.flatMap(repositoryArns)),
    ...keyStatements(kmsKeys, destinations),
  ];
}

function inspection(from: readonly string[], to: readonly string[]): PolicyStatement[] {
  return [
    ...allow("InspectSources", sourceReadActions, from),
    ...allow("InspectDestinations", destinationReadActions, to),
    ...allow("InspectRegistry", ["ecr:GetAccountSetting"], to.length > 0 ? ["*"] : []),
  ];
}

function allow(sid: string, action: readonly string[], resource: readonly string[]): PolicyStatement[] {
  if (resource.length === 0) return [];
  return [{ Sid: sid, Effect: "Allow", Action: action, Resource: resource }];
}
