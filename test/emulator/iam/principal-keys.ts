import type { Principal } from "../identity.ts";
import type { Store } from "../store.ts";

/**
 * The condition keys that every request of a principal carries.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html}
 */
export function principalKeys(store: Store, principal: Principal): Record<string, string> {
  const keys: Record<string, string> =
    principal.userId === undefined ? {} : { "aws:userid": principal.userId };
  if (principal.kind === "web-identity") return { ...keys, ...principal.federatedKeys };
  keys["aws:PrincipalArn"] = principal.roleArn ?? principal.arn;
  keys["aws:PrincipalAccount"] = principal.accountId;
  keys["aws:PrincipalType"] = principalTypes[principal.kind];
  if (principal.kind === "user")
    keys["aws:username"] = principal.arn.slice(principal.arn.lastIndexOf("/") + 1);
  const organizationId = store.accounts.get(principal.accountId)?.organizationId;
  if (organizationId !== undefined) keys["aws:PrincipalOrgID"] = organizationId;
  const tags = { ...Object.fromEntries(store.identityOf(principal)?.tags ?? []), ...principal.sessionTags };
  for (const [name, value] of Object.entries(tags)) keys[`aws:PrincipalTag/${name}`] = value;
  return keys;
}

const principalTypes = { user: "User", role: "AssumedRole", "assumed-role": "AssumedRole", root: "Account" };
