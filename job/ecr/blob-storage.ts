import { hostSuffixesOf } from "./partition.ts";
import type { EcrRegistryHost } from "./registry-host.ts";

/**
 * Where ECR keeps blobs, as `*.suffix`: in Amazon S3, and so at a host of AWS in the registry's own partition; for the
 * public gallery also behind CloudFront.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway}
 */
export function blobHostsOf(registry: EcrRegistryHost): readonly string[] {
  const suffixes = hostSuffixesOf(registry.partition).map((suffix) => `*.${suffix}`);
  return registry.public ? [...suffixes, "*.cloudfront.net"] : suffixes;
}
