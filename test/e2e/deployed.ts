import type { Namespace } from "./namespace.ts";

interface PodObject {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly imageID: string;
      readonly ready: boolean;
    }[];
  };
}

/** A container of a pod that runs. */
export interface RunningContainer {
  /** As the manifest says. */
  readonly image: string;
  /** The digest that the node pulled. */
  readonly digest: string;
}

/**
 * Waits until a Deployment has rolled out, and gives the containers of its pods, each image once.
 * @throws {Error} when it has not after a minute.
 */
export async function deployed(
  namespace: Namespace,
  deployment: string,
  label = `app=${deployment}`,
): Promise<readonly RunningContainer[]> {
  await namespace.kubectl(["rollout", "status", `deployment/${deployment}`, "--timeout=60s"]);
  const pods = await namespace.list<PodObject>("pods", "-l", label);
  const containers = pods
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ spec, status }) =>
      spec.containers.map(({ name, image }) => {
        const id = status.containerStatuses?.find((candidate) => candidate.name === name)?.imageID ?? "";
        return { image, digest: id.slice(id.indexOf("@") + 1) };
      }),
    );
  return [...new Map(containers.map((container) => [container.image, container])).values()];
}

/** What a node could not pull: nothing, where the images were there first. */
export async function failedPulls(namespace: Namespace): Promise<readonly string[]> {
  const events = await namespace.list<{ reason: string; note: string }>("events.events.k8s.io");
  return events.filter(({ reason }) => reason === "Failed" || reason === "BackOff").map(({ note }) => note);
}
