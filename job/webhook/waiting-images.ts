import { fieldsOf } from "../kubernetes/object.ts";
import { readWorkload, type WorkloadImage } from "./workload-images.ts";

/** What a kubelet says of a container whose image it could not pull, and will try again. */
const reasons = new Set(["ErrImagePull", "ImagePullBackOff"]);

const lists = [
  ["initContainers", "initContainerStatuses"],
  ["containers", "containerStatuses"],
  ["ephemeralContainers", "ephemeralContainerStatuses"],
] as const;

/**
 * The images that a pod waits for: those of containers that could not be started for want of one, and of the volumes
 * that they would be started with. Nothing for a pod that is being deleted.
 * {@link https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff}
 */
export function waitingImages(pod: unknown): readonly WorkloadImage[] {
  const { metadata, status } = fieldsOf(pod);
  if (fieldsOf(metadata).deletionTimestamp !== undefined) return [];
  const images = readWorkload("Pod", pod)?.images ?? [];
  const waiting = lists.flatMap(([list, statuses]) =>
    waitingNames(fieldsOf(status)[statuses]).flatMap((name) => imageOf(name, list, pod, images)),
  );
  if (waiting.length === 0) return [];
  // A container's status does not tell its own image from that of a volume.
  return [...waiting, ...images.filter(({ path }) => path.includes("volumes"))];
}

function waitingNames(statuses: unknown): readonly string[] {
  if (!Array.isArray(statuses)) return [];
  return statuses.map(fieldsOf).flatMap(({ name, state }) => {
    const { reason } = fieldsOf(fieldsOf(state).waiting);
    return typeof name === "string" && typeof reason === "string" && reasons.has(reason) ? [name] : [];
  });
}

/** As the specification names it: the status may show it as the node resolved it. */
function imageOf(
  name: string,
  list: string,
  pod: unknown,
  images: readonly WorkloadImage[],
): readonly WorkloadImage[] {
  const containers = fieldsOf(fieldsOf(pod).spec)[list];
  const index = Array.isArray(containers)
    ? containers.findIndex((container) => fieldsOf(container).name === name)
    : -1;
  return images.filter(({ path }) => path.includes(list) && path.includes(index));
}
