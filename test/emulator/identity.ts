/** Who makes a request, as IAM names it. */
export interface Principal {
  readonly kind: "user" | "role" | "assumed-role" | "root" | "web-identity";
  /** `arn:aws:iam::…:user/…`, or for a role's session `arn:aws:sts::…:assumed-role/<role>/<session>`. */
  readonly arn: string;
  /** Twelve digits; empty for a web identity, which belongs to no account. */
  readonly accountId: string;
  /** The role behind a session: its policies are the session's. */
  readonly roleArn?: string;
  /** `AIDA…` of a user, `AROA…:<session>` of a session. */
  readonly userId?: string;
  readonly sessionTags?: Readonly<Record<string, string>>;
  /** Narrows what the session may do to what this document allows as well. */
  readonly sessionPolicy?: object;
  /** Of a web identity: the ARN of the OIDC provider that vouches for it. */
  readonly federatedProvider?: string;
  /** Of a web identity: the condition keys out of its token, `<issuer>:sub` and others. */
  readonly federatedKeys?: Readonly<Record<string, string>>;
}

/** A user or a role with the policies that are attached to it. */
export interface Identity {
  readonly kind: "user" | "role";
  readonly name: string;
  readonly arn: string;
  readonly accountId: string;
  /** Identity policies as parsed JSON documents. Replaceable at any time. */
  policies: object[];
  permissionsBoundary?: object;
  /** Roles only: who may assume it. */
  trustPolicy?: object;
  /** Roles only: the longest session that may be asked for. Default 3600. */
  maxSessionSeconds?: number;
  readonly tags: Map<string, string>;
}

/** What signs requests: long-lived for users, with a session token for sessions of roles. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly principal: Principal;
}

/** An OIDC provider that an account trusts: tokens of its issuer may assume roles that name it. */
export interface OidcProvider {
  readonly arn: string;
  /** Without the scheme: `oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE`. */
  readonly issuer: string;
  readonly clientIds: readonly string[];
  /** Tokens must be signed with it by HMAC-SHA256; without one they may be unsigned. */
  readonly secret?: string;
}

/** The document that allows everything. */
export const allowEverything: object = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
