import type { Clock } from "../async/clock.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { fieldsOf } from "./admission-review.ts";
import { textsOf } from "./workload-images.ts";

export interface NamespaceAnnotationsOptions {
  readonly api: Pick<KubernetesApi, "get">;
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds for which what was read is good. Default 15 seconds. */
  readonly ttlMs?: number;
}

interface Known {
  readonly annotations: Promise<Readonly<Record<string, string>>>;
  readonly until: number;
}

const defaultTtlMs = 15_000;
/** More namespaces than a cluster is known to have. */
const most = 20_000;

/**
 * Reads the annotations of namespaces, and remembers them for a short while. What has become old is still used while it
 * is read anew, so that nobody waits for it twice.
 *
 * The function @throws {PromoterError} what the API says, where nothing is known yet.
 */
export function namespaceAnnotations({
  api,
  clock,
  ttlMs = defaultTtlMs,
}: NamespaceAnnotationsOptions): (namespace: string) => Promise<Readonly<Record<string, string>>> {
  const known = new Map<string, Known>();
  const read = (namespace: string): Known => {
    const annotations = annotationsOf(api, namespace);
    return { annotations, until: clock.now() + ttlMs };
  };
  const remember = (namespace: string, entry: Known) => {
    if (known.size >= most) known.clear();
    known.set(namespace, entry);
  };
  return (namespace) => {
    const last = known.get(namespace);
    if (last !== undefined && last.until > clock.now()) return last.annotations;
    const next = read(namespace);
    if (last === undefined) {
      remember(namespace, next);
      next.annotations.catch(() => known.delete(namespace));
      return next.annotations;
    }
    // Until it is there, or for another while if it cannot be had, the last word stands.
    known.set(namespace, { ...last, until: next.until });
    next.annotations.then(
      () => remember(namespace, next),
      () => undefined,
    );
    return last.annotations;
  };
}

async function annotationsOf(
  api: Pick<KubernetesApi, "get">,
  namespace: string,
): Promise<Readonly<Record<string, string>>> {
  const object = await api.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`);
  return textsOf(fieldsOf(fieldsOf(object).metadata).annotations);
}
