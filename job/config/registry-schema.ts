import * as z from "zod";
import { parseEndpoint } from "./endpoint.ts";
import { parseHostPattern } from "./host-pattern.ts";
import { parsedText } from "./parsed-text.ts";

/** The ARN of an IAM role, of any partition. */
export const roleArn = z
  .string()
  .regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, "This is no ARN of an IAM role");

/** The role that is assumed for a registry, and what its trust policy asks for. */
export const roleFields = {
  roleArn: roleArn.optional().describe("IAM role to assume for this registry"),
  externalId: z
    .string()
    // Not {2,1224}: the editors and tools that are written in Go repeat at most a thousand times.
    .regex(/^[\w+=,.@:/-]+$/, "An external id has 2 to 1224 of letters, digits and _+=,.@:/-")
    .min(2, "An external id has at least 2 characters")
    .max(1224, "An external id has at most 1224 characters")
    .optional()
    .describe("External id that the role's trust policy asks for"),
  sessionName: z
    .string()
    .regex(/^[\w+=,.@-]{2,64}$/, "A session name has 2 to 64 of letters, digits and _+=,.@-")
    .optional()
    .describe("Session name that CloudTrail shows"),
};

/** The fields of a role, as they are written. */
export interface WrittenRole {
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
  readonly sessionName?: string | undefined;
}

/** For `refine`: what is told to a role needs the role. */
export function namesItsRole(entry: WrittenRole): boolean {
  return entry.roleArn !== undefined || !(entry.externalId ?? entry.sessionName);
}

/** The issue where {@link namesItsRole} is false. */
export const roleMissing = {
  path: ["roleArn"],
  message: "externalId and sessionName need a roleArn beside them",
};

/** How to reach one registry, or all below a suffix. */
export const registrySchema = z
  .strictObject({
    host: parsedText(parseHostPattern).describe("HOST[:PORT], or *.SUFFIX for every host below it"),
    ...roleFields,
    endpoint: parsedText(parseEndpoint)
      .optional()
      .describe("Address that stands in for the host: a proxy, a VPC endpoint, an emulator"),
    blobHosts: z
      .array(parsedText(parseHostPattern))
      .optional()
      .describe(
        "Hosts that blobs may come from beside the registry's own and, for ECR, those of AWS; *.SUFFIX for all below it",
      ),
    insecure: z.boolean().optional().describe("Whether the registry is spoken to in plain HTTP"),
  })
  .refine(namesItsRole, roleMissing)
  .refine((entry) => !entry.host.startsWith("*.") || entry.insecure !== true, {
    path: ["host"],
    message: "insecure needs one host, not a suffix",
  });
