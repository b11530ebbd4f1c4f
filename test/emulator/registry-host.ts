/** Which registry a host name stands for. */
export interface RegistryAddress {
  readonly accountId: string;
  readonly region: string;
}

/**
 * All forms of ECR's hosts: plain, FIPS, dual-stack, and those of the other partitions.
 * {@link https://docs.aws.amazon.com/general/latest/gr/ecr.html}
 */
const ecrHost =
  /^([0-9]{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|on\.aws|on\.amazonwebservices\.(?:com\.cn|eu)|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/;

/** Reads a Host header; undefined when it is no registry of ECR. */
export function readRegistryHost(host: string): RegistryAddress | undefined {
  const [, accountId, region] = ecrHost.exec(host.toLowerCase().replace(/:[0-9]+$/, "")) ?? [];
  return accountId === undefined || region === undefined ? undefined : { accountId, region };
}
