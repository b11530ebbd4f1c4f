import * as z from "zod";
import { parseDuration } from "./duration.ts";
import { nameSchema } from "./environment-schema.ts";
import { parsedText } from "./parsed-text.ts";
import { concurrencyRange } from "./setting-values.ts";
import { admissionPolicies, failureActions } from "./webhook-words.ts";

const policy = z.enum(admissionPolicies);
const onFailure = z.enum(failureActions);

const namespacePatterns = z
  .array(
    z
      .string()
      .max(63)
      .regex(/^[a-z0-9*-]+$/, "A pattern has a-z, 0-9, - and * for any characters"),
  )
  .min(1);

const imagePatterns = z
  .array(
    z
      .string()
      .max(300)
      .regex(
        /^[A-Za-z0-9*[][A-Za-z0-9._/:*[\]-]*$/,
        "A pattern is a name without tag, with * for any characters",
      ),
  )
  .min(1);

const labelKey = z
  .string()
  .max(317)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/, "It is no label's key");
const labelValue = z
  .string()
  .max(63)
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?$/, "It is no label's value");

const requirement = z
  .strictObject({
    key: labelKey.describe("The label's name"),
    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("What its value has to be"),
    values: z.array(labelValue).optional().describe("Values for In and NotIn"),
  })
  .refine(({ operator, values = [] }) => operator.endsWith("In") === values.length > 0, {
    path: ["values"],
    message: "In and NotIn need values, Exists and DoesNotExist have none",
  });

const selectorSchema = z
  .strictObject({
    matchLabels: z.record(labelKey, labelValue).optional().describe("Labels with these values"),
    matchExpressions: z.array(requirement).optional().describe("Requirements, as in Kubernetes' selectors"),
  })
  .describe("Labels of the pod, or of the workload's pods");

const ruleSchema = z.strictObject({
  name: nameSchema.describe("What the rule is called in messages"),
  namespaces: namespacePatterns.optional().describe("Patterns of namespaces; all when absent"),
  selector: selectorSchema.optional(),
  images: imagePatterns
    .optional()
    .describe(
      "Patterns of images by their destination, without tag: prod.example.com/team/*; all when absent",
    ),
  policy: policy.describe("What is done about images that are missing"),
  pin: z.boolean().optional().describe("Whether rewrite adds the digest; default false"),
  onFailure: onFailure.optional().describe("What becomes of pods whose images are not there in time"),
  final: z.boolean().optional().describe("Whether annotations may not say otherwise; default false"),
});

/** How `serve` answers admission requests. */
export const webhookSchema = z.strictObject({
  policy: policy.optional().describe("What is done about missing images where no rule says so; default wait"),
  onFailure: onFailure
    .optional()
    .describe(
      "What becomes of pods whose images are not there in time, or of which nobody can say; default allow",
    ),
  pin: z
    .boolean()
    .optional()
    .describe("Whether rewrite adds the digest where no rule says so; default false"),
  deadline: parsedText(parseDuration)
    .optional()
    .describe("Longest wait for images; never as long as the API server waits"),
  cacheTtl: parsedText(parseDuration)
    .optional()
    .describe("How long an image that was found is taken to be there; default 1m"),
  atOnce: z
    .int()
    .min(concurrencyRange.least)
    .max(concurrencyRange.most)
    .optional()
    .describe("How many images are promoted at a time; default 16"),
  queue: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe("How many images are promoted or wait for it, at the most; default 2000"),
  annotations: z
    .enum(["all", "namespaces", "none"])
    .optional()
    .describe(
      "Whose annotations are heeded: those of pods and namespaces, of namespaces alone, nobody's; default all",
    ),
  excludeNamespaces: namespacePatterns
    .optional()
    .describe("Namespaces that are left alone, beside its own and those of Kubernetes itself"),
  rules: z
    .array(ruleSchema)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, {
      message: "Two rules have the same name",
    })
    .optional()
    .describe("Who is treated otherwise; the first rule that fits an image decides"),
});

/** The section as it is written. */
export type WrittenWebhook = z.output<typeof webhookSchema>;
