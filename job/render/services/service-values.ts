import * as z from "zod";
import { documented } from "../documented.ts";

const fields = z.record(z.string(), z.unknown());
const texts = z.record(z.string(), z.string());

/** The account of a service: another than the Job's, because it may do more. */
export const serviceAccountValues = {
  serviceAccount: z
    .strictObject({
      create: documented(z.boolean(), true, "Whether it is created"),
      name: documented(
        z
          .string()
          .max(63)
          .regex(
            /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/,
            "A name has lower-case letters, digits, - and . inside",
          ),
        "",
        "Its name; the Deployment's where it is created, default where it is not",
      ),
      annotations: documented(texts, {}, "Its annotations: eks.amazonaws.com/role-arn for IRSA"),
    })
    .describe("The account that its pods run as"),
};

/** What a service may do in the cluster. */
export const serviceRbac = {
  rbac: z
    .strictObject({
      create: documented(z.boolean(), true, "Whether it is given what it needs, and nothing else"),
    })
    .describe("What its pods may do in the cluster"),
};

/** Resources of a service's container. */
export function serviceResources(fallback: { readonly requests: object; readonly limits: object }) {
  return {
    resources: documented(
      z.strictObject({ requests: fields.optional(), limits: fields.optional() }).optional(),
      { requests: { ...fallback.requests }, limits: { ...fallback.limits } },
      "Resources of the container",
    ),
  };
}

/** What every service has of its own; the rest of its pods is what the Job's pods have. */
export function serviceFields(command: string) {
  return {
    priorityClassName: documented(z.string(), "", "Priority class of the pods"),
    terminationGracePeriodSeconds: documented(
      z.int().min(1),
      45,
      "Seconds that a stopped pod has for what is under way",
    ),
    extraArgs: documented(z.array(z.string()), [], `Further arguments of image-promoter ${command}`),
  };
}
