import { type modules, prodHost } from "./accounts.ts";

/** The versions that an overlay asks for, by module. */
export type Release = Readonly<Partial<Record<(typeof modules)[number], string>>>;

/** The one file that a promotion changes. */
export function patchImage(module: string, version: string): string {
  return `# overlays/production/${module}/patch-image.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${module}
spec:
  template:
    spec:
      containers:
        - name: ${module}
          image: ${prodHost}/${module}:${version}
`;
}

/** What \`kustomize build overlays/production\` prints for a release. */
export function renderRelease(release: Release): string {
  return Object.entries(release)
    .map(
      ([module, version]) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${module}
  namespace: production
spec:
  selector: {matchLabels: {app: ${module}}}
  template:
    metadata: {labels: {app: ${module}}}
    spec:
      containers:
        - name: ${module}
          image: ${prodHost}/${module}:${version}
        - name: proxy
          image: docker.io/envoyproxy/envoy:v1.34.1
`,
    )
    .join("---\n");
}
