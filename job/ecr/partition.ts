/**
 * A group of AWS regions with accounts, credentials and ARNs of its own.
 * {@link https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html}
 */
export type Partition =
  | "aws"
  | "aws-cn"
  | "aws-us-gov"
  | "aws-eusc"
  | "aws-iso"
  | "aws-iso-b"
  | "aws-iso-e"
  | "aws-iso-f";

interface PartitionNames {
  readonly id: Partition;
  /** Under which the registries' plain host names end. */
  readonly suffix: string;
  /** Under which the dual-stack host names end; absent where no dual-stack registry is known. */
  readonly dualStackSuffix?: string;
  /** What the names of the partition's regions look like; new regions appear without notice. */
  readonly region: RegExp;
}

const commercialRegion = /^(?!cn-|us-gov-|us-iso|eu-iso|eusc-)[a-z]{2}-[a-z]{2,16}-\d{1,2}$/;

/** As in the SDKs' `partitions.json`; registry suffixes as in amazon-ecr-credential-helper. */
const partitions: readonly PartitionNames[] = [
  { id: "aws", suffix: "amazonaws.com", dualStackSuffix: "on.aws", region: commercialRegion },
  {
    id: "aws-us-gov",
    suffix: "amazonaws.com",
    dualStackSuffix: "on.aws",
    region: /^us-gov-[a-z]{2,16}-\d{1,2}$/,
  },
  {
    id: "aws-cn",
    suffix: "amazonaws.com.cn",
    dualStackSuffix: "on.amazonwebservices.com.cn",
    region: /^cn-[a-z]{2,16}-\d{1,2}$/,
  },
  {
    id: "aws-eusc",
    suffix: "amazonaws.eu",
    dualStackSuffix: "on.amazonwebservices.eu",
    region: /^eusc-[a-z]{2}-[a-z]{2,16}-\d{1,2}$/,
  },
  { id: "aws-iso", suffix: "c2s.ic.gov", region: /^us-iso-[a-z]{2,16}-\d{1,2}$/ },
  { id: "aws-iso-b", suffix: "sc2s.sgov.gov", region: /^us-isob-[a-z]{2,16}-\d{1,2}$/ },
  { id: "aws-iso-e", suffix: "cloud.adc-e.uk", region: /^eu-isoe-[a-z]{2,16}-\d{1,2}$/ },
  { id: "aws-iso-f", suffix: "csp.hci.ic.gov", region: /^us-isof-[a-z]{2,16}-\d{1,2}$/ },
];

/** The partition whose registries are named so: undefined when no partition has such a region under that suffix. */
export function partitionOf(name: {
  readonly suffix: string;
  readonly region: string;
  readonly dualStack: boolean;
}): Partition | undefined {
  return partitions.find(
    (partition) =>
      (name.dualStack ? partition.dualStackSuffix : partition.suffix) === name.suffix &&
      partition.region.test(name.region),
  )?.id;
}

/** Under which the hosts of a partition end: registries, storage, and everything else that AWS runs there. */
export function hostSuffixesOf(id: Partition): readonly string[] {
  const { suffix, dualStackSuffix } = partitions.find((partition) => partition.id === id) ?? {};
  return [suffix, dualStackSuffix].filter((name) => name !== undefined);
}

/** What the plain host names of a region's registries end with; undefined for a region of no partition. */
export function registrySuffixOf(region: string): string | undefined {
  return partitions.find((partition) => partition.region.test(region))?.suffix;
}
