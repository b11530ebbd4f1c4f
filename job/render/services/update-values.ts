import * as z from "zod";
import { updateSchema } from "../../config/update-schema.ts";
import { documented } from "../documented.ts";
import { imageVersion } from "../image-version.ts";
import { serviceAccountValues, serviceFields, serviceRbac, serviceResources } from "./service-values.ts";

const { git, requestsPerSecond, defaults, applications } = updateSchema.shape;

/** The service that writes newer tags to git: image-promoter update. */
export const updateValues = {
  update: z
    .strictObject({
      enabled: documented(z.boolean(), false, "Whether it is installed"),
      every: documented(
        z.string().regex(/^([0-9]+h)?([0-9]+m)?([0-9]+s)?$/, "A duration is written 2m or 1h30m"),
        "2m",
        "How long it rests between two rounds of the Deployment",
      ),
      schedule: documented(
        z.string(),
        "",
        "Times of a CronJob, which stands instead of the Deployment: */10 * * * *",
      ),
      activeDeadlineSeconds: documented(
        z.int().min(1),
        1800,
        "Seconds after which a run of the CronJob is ended",
      ),
      image: z
        .strictObject({
          repository: documented(
            z.string().min(1),
            "argocd-image-promoter-git",
            "Repository of the image that has git",
          ),
          ...imageVersion,
        })
        .describe("The image of image-promoter with git, in the registry of the other"),
      clusterApplications: documented(
        z.boolean(),
        false,
        "Whether the Applications of this cluster are heeded that have annotations of Argo CD Image Updater",
      ),
      argocdNamespace: documented(z.string().min(1), "argocd", "Namespace of Argo CD"),
      applications: documented(
        applications.unwrap(),
        [],
        "Applications, as update.applications of promoter.yaml",
      ),
      defaults: documented(
        defaults.unwrap(),
        {},
        "What holds for images that do not say otherwise, as update.defaults of promoter.yaml",
      ),
      git: documented(
        git.unwrap(),
        {},
        "Author, message, signing, credentials and pull requests, as update.git of promoter.yaml; credentials are file:/etc/image-promoter-git/KEY",
      ),
      secret: documented(
        z.string().max(253),
        "",
        "Secret whose keys are the files of /etc/image-promoter-git",
      ),
      requestsPerSecond: documented(requestsPerSecond.unwrap(), 20, "Requests to one registry in a second"),
      workSize: documented(z.string().min(1), "1Gi", "Most that clones of git repositories may take"),
      ...serviceAccountValues,
      ...serviceRbac,
      ...serviceResources({
        requests: { cpu: "50m", memory: "128Mi" },
        limits: { memory: "512Mi" },
      }),
      ...serviceFields("update"),
    })
    .describe("The service that writes newer tags to git: image-promoter update"),
};
