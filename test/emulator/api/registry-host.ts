import { partitionOf } from "../repository.ts";

const suffixes: Readonly<Record<string, string>> = {
  "aws-cn": "amazonaws.com.cn",
  "aws-eusc": "amazonaws.eu",
};

/** A registry's plain host, whatever host a client came by: ECR never tells another one. */
export function plainRegistryHost(accountId: string, region: string): string {
  return `${accountId}.dkr.ecr.${region}.${suffixes[partitionOf(region)] ?? "amazonaws.com"}`;
}
