import type { Clock } from "../async/clock.ts";
import type { KubernetesApi } from "../kubernetes/api.ts";
import { fieldsOf } from "../kubernetes/object.ts";
import { textsOf } from "./workload-images.ts";

export interface NamespaceAnnotationsOptions {
  readonly api: Pick<KubernetesApi, "get">;
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds for which what was read is good. Default 15 seconds. */
  readonly ttlMs?: number;
}

interface Known {
  readonly annotations: Promise<Readonly<Record<string, string>>>;
  readonly at: number;
  /** Whether they are being read anew. */
  isRenewed: boolean;
}

const defaultTtlMs = 15_000;
/** More namespaces than a cluster is known to have. */
const most = 20_000;

/**
 * Reads the annotations of namespaces, and remembers them for a short while. In its second half they are read anew, so
 * that nobody waits for a namespace that is often asked for. What has become too old is believed only while the API
 * cannot be asked.
 *
 * The function @throws {PromoterError} what the API says, where nothing is known yet.
 */
export function namespaceAnnotations({
  api,
  clock,
  ttlMs = defaultTtlMs,
}: NamespaceAnnotationsOptions): (namespace: string) => Promise<Readonly<Record<string, string>>> {
  const known = new Map<string, Known>();
  const remember = (namespace: string, annotations: Known["annotations"]) => {
    if (known.size >= most) known.clear();
    known.set(namespace, { annotations, at: clock.now(), isRenewed: false });
    return annotations;
  };
  const begin = (namespace: string) => {
    const annotations = remember(namespace, annotationsOf(api, namespace));
    annotations.catch(() => known.delete(namespace));
    return annotations;
  };
  const renew = (namespace: string, last: Known) => {
    last.isRenewed = true;
    const next = annotationsOf(api, namespace);
    next.then(
      () => remember(namespace, next),
      () => {
        last.isRenewed = false;
      },
    );
    return next;
  };
  return (namespace) => {
    const last = known.get(namespace);
    if (last === undefined) return begin(namespace);
    const ageMs = clock.now() - last.at;
    if (ageMs >= ttlMs) {
      const next = renew(namespace, last).catch(() => last.annotations);
      return remember(namespace, next);
    }
    if (ageMs >= ttlMs / 2 && !last.isRenewed) void renew(namespace, last);
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
