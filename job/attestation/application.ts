import type { Runtime } from "../runtime.ts";

/** The Argo CD application that a promotion was part of. */
export interface Application {
  readonly name: string;
  readonly namespace?: string;
  readonly project?: string;
  /** The commit that was synced. */
  readonly revision?: string;
  /** The repository that the commit is of. */
  readonly repository?: string;
}

/**
 * The application that is being synced, by the variables that Argo CD gives to whatever builds manifests; the Job gets
 * them from there.
 * {@link https://argo-cd.readthedocs.io/en/stable/user-guide/build-environment/}
 */
export function syncedApplication(env: Runtime["env"]): Application | undefined {
  const name = env.ARGOCD_APP_NAME;
  if (!name) return undefined;
  const { ARGOCD_APP_NAMESPACE: namespace, ARGOCD_APP_PROJECT_NAME: project } = env;
  const { ARGOCD_APP_REVISION: revision, ARGOCD_APP_SOURCE_REPO_URL: repository } = env;
  return {
    name,
    ...(namespace && { namespace }),
    ...(project && { project }),
    ...(revision && { revision }),
    ...(repository && { repository: withoutCredentials(repository) }),
  };
}

/** Whoever keeps a token in a repository's address does not want it in a registry. */
function withoutCredentials(address: string): string {
  const url = URL.parse(address);
  if (url === null || (url.username === "" && url.password === "")) return address;
  url.username = "";
  url.password = "";
  return url.href;
}
