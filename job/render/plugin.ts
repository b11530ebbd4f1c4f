import { stringify } from "yaml";
import { version } from "../version.ts";
import type { Fields } from "./fields.ts";
import type { RenderedFile } from "./rendered-file.ts";

export interface PluginOptions {
  /** The image of the sidecar: image-promoter with kustomize and helm beside it, as the Dockerfile builds it. */
  readonly image: string;
  /** The image of image-promoter that the Dockerfile begins with. */
  readonly promoterImage: string;
  /** What a values.yaml of the chart says of the Jobs. */
  readonly values: Fields;
  /** Variables of the sidecar: `PROMOTER_FROM`, `PROMOTER_TO`. */
  readonly env: Readonly<Record<string, string>>;
  /** Glob of a file by which a folder chooses the plugin; without it, only Applications that name the plugin use it. */
  readonly discover?: string;
}

/** Name of the plugin, of its sidecar and of its ConfigMap. */
const name = "image-promoter";
const configFolder = "/home/argocd/cmp-server/config";
const valuesFile = "/etc/image-promoter/values.yaml";

/**
 * An Argo CD config management plugin that builds overlays and charts and puts a Job for their images behind them: a
 * Component for the kustomization that installs Argo CD, and the Dockerfile of the sidecar's image.
 *
 * {@link https://argo-cd.readthedocs.io/en/stable/operator-manual/config-management-plugins/}
 */
export function renderPlugin(options: PluginOptions): RenderedFile[] {
  return [
    { path: "kustomization.yaml", content: document(component) },
    { path: "plugin.yaml", content: document(pluginConfiguration(options)) },
    { path: "values.yaml", content: document(options.values) },
    { path: "repo-server.yaml", content: document(repoServerPatch(options)) },
    { path: "Dockerfile", content: dockerfile(options) },
  ];
}

/** The generated name changes with the files, so that repo-server restarts with them. */
const component: Fields = {
  apiVersion: "kustomize.config.k8s.io/v1alpha1",
  kind: "Component",
  configMapGenerator: [{ name, files: ["plugin.yaml", "values.yaml"] }],
  patches: [{ path: "repo-server.yaml" }],
};

function pluginConfiguration({ discover }: PluginOptions): Fields {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "ConfigManagementPlugin",
    metadata: { name },
    spec: {
      // One program without a shell, so that nothing which an Application says is ever read as a command.
      generate: {
        command: ["/nodejs/bin/node", "/app/image-promoter.js", "inject"],
        args: ["--build=.", `--values=${valuesFile}`],
      },
      ...(discover !== undefined && { discover: { fileName: discover } }),
      parameters: { static: parameters },
    },
  };
}

const parameters: readonly Fields[] = [
  {
    name: "values-files",
    title: "Values files of a chart, by their paths from its folder",
    collectionType: "array",
    array: [],
  },
  {
    name: "helm-parameters",
    title: "Values of a chart, as helm template --set takes them",
    collectionType: "map",
    map: {},
  },
];

function repoServerPatch(options: PluginOptions): Fields {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "argocd-repo-server" },
    spec: {
      template: {
        spec: {
          containers: [sidecar(options)],
          volumes: [
            { name, configMap: { name } },
            { name: `${name}-tmp`, emptyDir: {} },
          ],
        },
      },
    },
  };
}

function sidecar({ image, env }: PluginOptions): Fields {
  // The file system is read-only, and Argo CD's user has no home of its own here.
  const variables = {
    HOME: "/tmp",
    HELM_CACHE_HOME: "/tmp/helm/cache",
    HELM_CONFIG_HOME: "/tmp/helm/config",
    HELM_DATA_HOME: "/tmp/helm/data",
    ...env,
  };
  return {
    name,
    image,
    command: ["/var/run/argocd/argocd-cmp-server"],
    env: Object.entries(variables).map(([variable, value]) => ({ name: variable, value })),
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 999,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
      seccompProfile: { type: "RuntimeDefault" },
    },
    volumeMounts: [
      { name: "var-files", mountPath: "/var/run/argocd" },
      { name: "plugins", mountPath: "/home/argocd/cmp-server/plugins" },
      { name, mountPath: `${configFolder}/plugin.yaml`, subPath: "plugin.yaml" },
      { name, mountPath: valuesFile, subPath: "values.yaml" },
      // Not the repo-server's own: plugins must not see each other's repositories.
      { name: `${name}-tmp`, mountPath: "/tmp" },
    ],
  };
}

function dockerfile({ promoterImage }: PluginOptions): string {
  return `# The sidecar's image: image-promoter with the kustomize and the helm that this Argo CD has. No shell.
ARG ARGOCD_IMAGE=quay.io/argoproj/argocd:v3.5.1
ARG PROMOTER_IMAGE=${promoterImage}

FROM \${ARGOCD_IMAGE} AS argocd

FROM \${PROMOTER_IMAGE}
COPY --from=argocd /usr/local/bin/kustomize /usr/local/bin/helm /usr/local/bin/
USER 999
`;
}

/**
 * The post-renderer as a plugin of Helm 4, which knows post-renderers by the names of plugins alone. Helm 3 runs
 * `image-promoter` itself.
 *
 * {@link https://helm.sh/docs/plugins/developer/tutorial-postrenderer-plugin}
 */
export function renderHelmPlugin(): RenderedFile[] {
  const plugin = {
    apiVersion: "v1",
    type: "postrenderer/v1",
    name,
    version,
    runtime: "subprocess",
    runtimeConfig: { platformCommand: [{ command: name, args: ["inject"] }] },
  };
  return [{ path: "plugin.yaml", content: document(plugin) }];
}

function document(value: unknown): string {
  return stringify(value, { schema: "yaml-1.1", lineWidth: 0 });
}
