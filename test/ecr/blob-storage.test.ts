import { describe, expect, it } from "vitest";
import { blobHostRule } from "../../job/config/blob-hosts.ts";
import { blobHostsOf } from "../../job/ecr/blob-storage.ts";
import { parseEcrHost } from "../../job/ecr/registry-host.ts";

function mayLead(registry: string, target: string): boolean | undefined {
  const host = parseEcrHost(registry);
  if (host === undefined) throw new Error(`${registry} is no registry of ECR`);
  return blobHostRule(registry, { registries: [], blobHosts: [] }, blobHostsOf(host))?.(target);
}

describe("where ECR may lead for blobs", () => {
  it.each([
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com"],
    ["1.dkr-ecr.eu-west-1.on.aws", "bucket.s3.dualstack.eu-west-1.amazonaws.com"],
    ["1.dkr.ecr.cn-north-1.amazonaws.com.cn", "bucket.s3.cn-north-1.amazonaws.com.cn"],
    ["1.dkr.ecr.us-gov-west-1.amazonaws.com", "bucket.s3.us-gov-west-1.amazonaws.com"],
    ["1.dkr.ecr.eusc-de-east-1.amazonaws.eu", "bucket.s3.eusc-de-east-1.amazonaws.eu"],
    ["1.dkr.ecr.us-iso-east-1.c2s.ic.gov", "bucket.s3.us-iso-east-1.c2s.ic.gov"],
    ["1.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "bucket.s3.us-isob-east-1.sc2s.sgov.gov"],
    ["1.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk", "bucket.s3.eu-isoe-west-1.cloud.adc-e.uk"],
    ["1.dkr.ecr.us-isof-south-1.csp.hci.ic.gov", "bucket.s3.us-isof-south-1.csp.hci.ic.gov"],
    ["public.ecr.aws", "d5l0dvt14r5h8.cloudfront.net"],
  ])("%s to %s", (registry, target) => {
    expect(mayLead(registry.replace(/^1\./, "111111111111."), target)).toBe(true);
  });

  it.each([
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "evil.example"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "amazonaws.com"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "notamazonaws.com"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "bucket.s3.amazonaws.com.evil.example"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "d5l0dvt14r5h8.cloudfront.net"],
    ["1.dkr.ecr.eu-west-1.amazonaws.com", "10.0.0.1"],
    ["1.dkr.ecr.cn-north-1.amazonaws.com.cn", "bucket.s3.eu-west-1.amazonaws.com"],
    ["1.dkr.ecr.us-iso-east-1.c2s.ic.gov", "bucket.s3.us-east-1.amazonaws.com"],
    ["public.ecr.aws", "cloudfront.net.evil.example"],
  ])("%s not to %s", (registry, target) => {
    expect(mayLead(registry.replace(/^1\./, "111111111111."), target)).toBe(false);
  });
});
