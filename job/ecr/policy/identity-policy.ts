import { keyStatements } from "./kms-statement.ts";
import { type PolicyDocument, type PolicyStatement, policyOf } from "./policy-document.ts";
import { pullActions, sourceReadActions } from "./pull-statement.ts";
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
  const { createRepositories = false, reads = false } = options;
  const from = sources.flatMap(repositoryArns);
  const to = destinations.flatMap(repositoryArns);
  const isUsed = from.length + to.length > 0;
  return policyOf(
    ...allow("Login", ["ecr:GetAuthorizationToken"], isUsed ? ["*"] : []),
    ...allow("PullFromSources", pullActions, from),
    ...allow("PushToDestinations", pushActions, to),
    ...(createRepositories === false ? [] : creation(createRepositories, destinations)),
    ...allow("AssumeRoles", assumeRoleActions(passesTags), assumeRoles),
    ...(reads ? inspection(from, to) : []),
  );
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
