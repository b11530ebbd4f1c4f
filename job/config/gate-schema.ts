import * as z from "zod";
import { PromoterError } from "../error.ts";
import { parseDuration } from "./duration.ts";
import { parsedText } from "./parsed-text.ts";
import { severities } from "./severity.ts";
import { isIssuer } from "./signer-identity.ts";
import { parseKey } from "./text-or-file.ts";

const wholePattern = "A pattern needs more than *: it would let everybody sign";

/** Whose signature without a key counts. */
export const identitySchema = z
  .strictObject({
    issuer: z
      .string()
      .refine(isIssuer, "An issuer is an https address: https://token.actions.githubusercontent.com")
      .describe("The OpenID Connect issuer that vouched for the signer, exactly"),
    subject: z
      .string()
      .min(1)
      .optional()
      .describe("The signer, exactly: the address of a workflow or person"),
    subjectPattern: z
      .string()
      .refine((text) => text.replaceAll("*", "") !== "", wholePattern)
      .optional()
      .describe("Instead of subject: a pattern of it, in which * stands for any characters"),
  })
  .refine(({ subject, subjectPattern }) => (subject === undefined) !== (subjectPattern === undefined), {
    message: "An identity has either subject or subjectPattern",
  });

const signatureFields = z.strictObject({
  keys: z
    .array(parsedText(parseKey))
    .min(1)
    .optional()
    .describe("Public keys: files, relative to this one, or their PEM itself; any of them suffices"),
  identities: z
    .array(identitySchema)
    .min(1)
    .optional()
    .describe("Who may sign without a key, proven by Sigstore; any of them suffices"),
  trustedRoot: z
    .string()
    .min(1)
    .optional()
    .describe(
      "trusted_root.json, a file or its JSON, for identities; Sigstore's public instance when absent",
    ),
});

/** Signatures that an image needs. */
export const signatureSchema = signatureFields
  .refine(({ keys, identities }) => keys !== undefined || identities !== undefined, {
    message: "Nobody could sign: name keys or identities",
  })
  .refine(({ identities, trustedRoot }) => trustedRoot === undefined || identities !== undefined, {
    path: ["trustedRoot"],
    message: "A trusted root is for identities, and there are none",
  });

/** What scans may have found in an image. */
export const scanSchema = z.strictObject({
  highest: z.enum(severities).describe("Highest severity of a finding that may pass; NONE: no finding may"),
  ignore: z
    .array(z.string().min(1).max(256))
    .optional()
    .describe("Findings that may be of any severity: CVE-2026-1234"),
  wait: parsedText(parseDuration)
    .optional()
    .describe("How long to wait for a scan that still runs; default 5m"),
});

/** What must hold before an image is promoted. */
export const gatesSchema = z.strictObject({
  signature: z
    .union([signatureSchema, z.literal(false)])
    .optional()
    .describe("Signatures that an image needs; false: none, also where all others need some"),
  scan: z
    .union([scanSchema, z.literal(false)])
    .optional()
    .describe("What ECR's scans may have found in an image; false: anything, also where others differ"),
});

/** What is attached to images after their promotion. */
export const attestationSchema = z.strictObject({
  enabled: z.boolean().optional().describe("Whether a statement of its promotion is attached; default false"),
  key: parsedText(refusePrivateKey)
    .optional()
    .describe(
      "What signs it: file of a private key, relative to this one, or awskms:///ARN; unsigned when absent",
    ),
  identity: z.string().min(1).max(1024).optional().describe("Who promotes, in words of yours"),
});

function refusePrivateKey(text: string): void {
  if (!text.includes("-----BEGIN")) return;
  throw new PromoterError("InvalidConfiguration", "A private key does not belong into a configuration", {
    hint: "Write the key to a file of its own and name that, and take this key for published",
  });
}
