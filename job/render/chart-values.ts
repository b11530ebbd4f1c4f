import * as z from "zod";
import { complaintsOf } from "../config/complaint.ts";
import { fieldsOfSchema } from "../config/json-schema.ts";
import { PromoterError } from "../error.ts";
import { coalesce, defaultsOf } from "./coalesce.ts";
import { documented } from "./documented.ts";
import { gateValues } from "./gate-values.ts";
import { imageVersion } from "./image-version.ts";
import { notifyValues } from "./notify-values.ts";
import { podValues } from "./pod-values.ts";
import { promotionValues } from "./promotion-values.ts";
import { serveValues } from "./services/serve-values.ts";
import { updateValues } from "./services/update-values.ts";
import { workloadValues } from "./workload-values.ts";

const texts = z.record(z.string(), z.string());
/** A DNS subdomain, as objects are named, or nothing. */
const objectName = z
  .string()
  .max(63)
  .regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/, "A name has lower-case letters, digits, - and . inside");

/** What the chart can be told: the one source of values.yaml, values.schema.json, the README's table and every check. */
export const chartValuesSchema = z
  .strictObject({
    enabled: documented(z.boolean(), true, "For the condition of a parent chart's dependency"),
    global: documented(
      z
        .looseObject({
          imageRegistry: z.string().optional(),
          imagePromoter: z.looseObject({ images: promotionValues.images.optional() }).optional(),
        })
        .optional(),
      {},
      "What a parent chart tells all its dependencies: imagePromoter.images adds to images, imageRegistry stands in for image.registry",
    ),
    ...promotionValues,
    ...gateValues,
    ...notifyValues,
    image: z
      .strictObject({
        registry: documented(z.string(), "", "Registry that image-promoter's own image is pulled from"),
        repository: documented(z.string().min(1), "argocd-image-promoter", "Repository of the image"),
        ...imageVersion,
        pullPolicy: documented(
          z.enum(["Always", "IfNotPresent", "Never"]),
          "IfNotPresent",
          "When the image is pulled",
        ),
      })
      .describe(
        "The image of image-promoter itself. It must be in a registry that the cluster can pull from already",
      ),
    imagePullSecrets: documented(
      z.array(z.strictObject({ name: z.string().min(1) })),
      [],
      "Secrets to pull that image with: entries of name",
    ),
    nameOverride: documented(objectName, "", "Stands for image-promoter in the names of objects"),
    fullnameOverride: documented(objectName, "", "Stands for the whole name of objects"),
    commonLabels: documented(texts, {}, "Labels of every object and pod"),
    serviceAccount: z
      .strictObject({
        create: documented(z.boolean(), true, "Whether a service account is created"),
        name: documented(
          objectName,
          "",
          "Its name; the objects' name where it is created, default where it is not",
        ),
        annotations: documented(
          texts,
          {},
          "Its annotations: eks.amazonaws.com/role-arn for IRSA; Pod Identity needs none",
        ),
        labels: documented(texts, {}, "Its labels"),
        automountServiceAccountToken: documented(
          z.boolean(),
          false,
          "Whether pods get a token also where rbac.create is false, because a role of yours lets them create Events",
        ),
      })
      .describe("The account that pods run as; nothing else should use it"),
    rbac: z
      .strictObject({
        create: documented(
          z.boolean(),
          true,
          "Whether a Role is created that lets pods create Events, and nothing else",
        ),
      })
      .describe("What pods may do in the cluster"),
    ...workloadValues,
    ...podValues,
    ...serveValues,
    ...updateValues,
    extraObjects: documented(
      z.array(z.record(z.string(), z.unknown())),
      [],
      "Further objects, rendered as they are",
    ),
  })
  .describe("Values of the chart image-promoter");

/** Values that are whole: laid over the defaults and checked. */
export type ChartValues = z.output<typeof chartValuesSchema>;

let defaults: Readonly<Record<string, unknown>> | undefined;

/** The chart's defaults: what values.yaml says. */
export function defaultChartValues(): Readonly<Record<string, unknown>> {
  // To spell the whole schema out takes longer than all the rest of a rendering.
  defaults ??= defaultsOf(z.toJSONSchema(chartValuesSchema, { io: "input" }));
  return defaults;
}

/**
 * Lays values over the chart's defaults as Helm does, and checks them.
 *
 * @param values what a values.yaml says.
 * @throws {PromoterError} `InvalidConfiguration`, naming the path of each value that is wrong.
 */
export function chartValues(values: unknown, source = "values"): ChartValues {
  const whole = coalesce(defaultChartValues(), values);
  const result = chartValuesSchema.safeParse(whole);
  if (result.success) return result.data;
  const schema = z.toJSONSchema(chartValuesSchema, { io: "input" });
  const complaints = complaintsOf(result.error.issues, {
    value: whole,
    fieldsAt: (path) => fieldsOfSchema(schema, path),
  });
  const lines = complaints.map(({ path, message }) =>
    path.length === 0 ? `${source}: ${message}` : `${source}: ${path.join(".")}: ${message}`,
  );
  const hint = complaints.find((complaint) => complaint.hint !== undefined)?.hint;
  throw new PromoterError("InvalidConfiguration", lines.join("\n"), { ...(hint !== undefined && { hint }) });
}
