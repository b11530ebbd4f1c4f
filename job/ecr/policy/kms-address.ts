import { PromoterError } from "../../error.ts";

const address = /^awskms:\/\/\/(arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/[\w/-]{1,256})$/;

/** True for what names a key as cosign does: `awskms:///arn:aws:kms:eu-west-1:111122223333:key/…`. */
export function isKmsAddress(text: string): boolean {
  return text.startsWith("awskms:");
}

/**
 * The ARN of a key of KMS, or of an alias, with its region.
 *
 * @throws {PromoterError} `InvalidConfiguration` when it is named otherwise.
 */
export function parseKmsAddress(text: string): { readonly arn: string; readonly region: string } {
  const [, arn, region] = address.exec(text) ?? [];
  if (arn !== undefined && region !== undefined) return { arn, region };
  throw new PromoterError("InvalidConfiguration", `There is no key ${JSON.stringify(text.slice(0, 300))}`, {
    hint: "Name the key of KMS by its ARN, or its alias's: awskms:///arn:aws:kms:eu-west-1:111122223333:alias/promotions",
  });
}
