import type { PolicyDocument } from "../ecr/policy/policy-document.ts";
import {
  irsaTrustPolicy,
  type PodServiceAccount,
  parseOidcProvider,
  podIdentityTrustPolicy,
} from "../ecr/policy/trust-policy.ts";
import { PromoterError } from "../error.ts";

/** How the Job's pods get their role. */
export type PodTrust = PodServiceAccount &
  (
    | {
        readonly kind: "irsa";
        /** Issuers of the clusters; ARNs of their providers where there is more than one destination account. */
        readonly oidcProviders: readonly string[];
        readonly audience?: string;
      }
    | {
        readonly kind: "pod-identity";
        /** Name of the cluster, for the association. */
        readonly clusterName?: string;
        readonly clusterArn?: string;
      }
  );

/**
 * The trust policy of the Job's role in an account.
 *
 * @throws {PromoterError} `Usage` when no provider, or more than one, is meant for the account.
 */
export function podTrustPolicy(
  trust: PodTrust,
  account: { readonly accountId: string; readonly partition: string },
): PolicyDocument {
  if (trust.kind === "pod-identity") return podIdentityTrustPolicy(trust);
  const providers = trust.oidcProviders.filter((text) => {
    const { accountId = account.accountId } = parseOidcProvider(text);
    return accountId === account.accountId;
  });
  const [oidcProvider] = providers;
  if (oidcProvider === undefined || providers.length > 1) {
    throw new PromoterError(
      "Usage",
      `${providers.length === 0 ? "No" : "More than one"} OIDC provider is of account ${account.accountId}`,
      {
        hint: `Give one: --oidc-provider arn:${account.partition}:iam::${account.accountId}:oidc-provider/…`,
      },
    );
  }
  return irsaTrustPolicy({ ...trust, ...account, oidcProvider });
}
