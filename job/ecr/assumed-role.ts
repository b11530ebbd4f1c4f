/** A role that is taken on for a registry. */
export interface AssumedRole {
  readonly arn: string;
  /** What the role's trust policy asks for as `sts:ExternalId`. */
  readonly externalId?: string;
  /** The name of the session in CloudTrail. */
  readonly sessionName?: string;
}
