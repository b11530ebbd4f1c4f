import { version } from "../version.ts";
import { chartName } from "./release.ts";
import { yamlBlock } from "./yaml-scalar.ts";

/** Chart.yaml. {@link https://helm.sh/docs/topics/charts/#the-chartyaml-file} */
export function chartMetadata(): string {
  const metadata = {
    apiVersion: "v2",
    name: chartName,
    type: "application",
    description:
      "Promotes container images between registries, digest for digest, before the workloads start",
    version,
    appVersion: version,
    // The labels batch.kubernetes.io/job-name and controller-uid, by which Events name their Job.
    kubeVersion: ">=1.27.0-0",
    keywords: ["argocd", "ecr", "oci", "images", "promotion", "registry"],
    annotations: {
      "artifacthub.io/category": "integration-delivery",
      "artifacthub.io/license": "Apache-2.0",
      "artifacthub.io/images": `${yamlBlock([{ name: chartName, image: `argocd-image-promoter:${version}` }])}\n`,
    },
  };
  return `${yamlBlock(metadata)}\n`;
}
