import { parseAllDocuments } from "yaml";
import { readMetadata } from "../../job/config/metadata-file.ts";
import { renderWorkflow, type WorkflowOptions } from "../../job/render/workflow.ts";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly rules?: unknown;
  readonly automountServiceAccountToken?: boolean;
}

const metadataText = `apiVersion: image-promoter/v1
kind: MultiArchitecture
registry: dev.example.com/shop
architectures: [amd64, arm64]
repositories:
  - web
  - name: team/api
    architectures: [linux/arm/v7]
    source: "{repository}-{architecture}:{tag}"
    context: services/api
    dockerfile: Containerfile
`;

/** Everything that can be asked for. */
export const options: WorkflowOptions = {
  name: "release",
  namespace: "builds",
  metadata: readMetadata(metadataText, "metadata-multi.yaml"),
  metadataText,
  builder: "buildkit",
  promoterImage: "registry.example.com/image-promoter:1.0",
  repositoryUrl: "https://git.example.com/shop.git",
  gitSecret: "git",
  registrySecret: "registry",
  to: "prod.example.com/shop",
  buildRoleArn: "arn:aws:iam::111111111111:role/build",
  promoteRoleArn: "arn:aws:iam::222222222222:role/promote",
  notify: { secret: "slack", key: "url", image: "docker.io/curlimages/curl:8.16.0" },
  events: {
    bus: true,
    secret: "github-webhook",
    url: "https://hooks.example.com",
    github: { owner: "example", repository: "shop" },
  },
};

/** The objects as Kubernetes' API would read them. */
export function objectsOf(given: WorkflowOptions): readonly KubernetesObject[] {
  return renderWorkflow(given).flatMap(({ content }) =>
    parseAllDocuments(content).map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as KubernetesObject;
    }),
  );
}
