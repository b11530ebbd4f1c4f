import type { ServerResponse } from "node:http";
import { openKubernetesApi } from "../../job/kubernetes/api.ts";
import { type ApiObject, isRecord, recordsOf } from "../../job/kubernetes/object.ts";
import { type Answer, type SeenRequest, serviceAccount, startKubernetes } from "./fake-kubernetes.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An API server that keeps objects, counts their versions and tells who watches of every change. */
export interface FakeCluster extends AsyncDisposable {
  readonly port: number;
  readonly certificate: string;
  readonly requests: readonly SeenRequest[];
  /** Writes an object as somebody else does, who looks at no version. */
  put(path: string, object: object): void;
  remove(path: string): void;
  get(path: string): ApiObject | undefined;
  /** Ends all watches, as a server does that restarts. */
  endWatches(): void;
  /** Forgets what was before: a watch from an older version is told that it is gone. */
  compact(): void;
  /** Answers in place of the server; undefined to let it answer. */
  fault: ((request: SeenRequest) => Answer) | undefined;
  open(): ReturnType<typeof openKubernetesApi>;
}

interface Watcher {
  readonly collection: string;
  readonly selector: string | null;
  readonly response: ServerResponse;
}

export async function startCluster(): Promise<FakeCluster> {
  const state = new ClusterState();
  let fault: FakeCluster["fault"];
  const server = await startKubernetes((request) => fault?.(request) ?? state.answer(request));
  return {
    ...server,
    put: (path, object) => state.put(path, object),
    remove: (path) => state.remove(path),
    get: (path) => state.objects.get(path),
    endWatches: () => state.endWatches(),
    compact: () => state.compact(),
    get fault() {
      return fault;
    },
    set fault(given) {
      fault = given;
    },
    open: () =>
      openKubernetesApi({
        access: {
          server: `https://127.0.0.1:${server.port}`,
          certificateAuthority: server.certificate,
          tokenPath: "/var/run/secrets/kubernetes.io/serviceaccount/token",
        },
        readFile: serviceAccount(server.certificate),
      }),
  };
}

const conflict = {
  status: 409,
  body: { kind: "Status", message: "the object has been modified", code: 409 },
};
const gone = { kind: "Status", message: "too old resource version", code: 410 };

class ClusterState {
  readonly objects = new Map<string, ApiObject>();
  readonly #watchers = new Set<Watcher>();
  #history: {
    readonly version: number;
    readonly type: string;
    readonly path: string;
    readonly object: object;
  }[] = [];
  #version = 100;
  #oldest = 0;

  answer({ method, path, body }: SeenRequest): Answer {
    const { pathname, searchParams } = new URL(path, "https://cluster");
    const known = this.objects.get(pathname);
    if (method === "GET" && known !== undefined) return { status: 200, body: known };
    if (method === "GET" && isCollection(pathname)) {
      return searchParams.has("watch")
        ? this.#watch(pathname, searchParams)
        : this.#list(pathname, searchParams);
    }
    if (method === "POST" && isRecord(body)) {
      const created = `${pathname}/${name(body)}`;
      if (this.objects.has(created)) return conflict;
      return { status: 201, body: this.put(created, body) };
    }
    if (known === undefined || !isRecord(body)) return { status: 404, body: { message: "not found" } };
    const { resourceVersion } = isRecord(body.metadata) ? body.metadata : {};
    if (resourceVersion !== undefined && resourceVersion !== known.metadata.resourceVersion) return conflict;
    if (method === "PUT") return { status: 200, body: this.put(pathname, body) };
    return { status: 200, body: this.put(pathname, merged(known, body) as object) };
  }

  put(path: string, object: object): ApiObject {
    this.#version += 1;
    const before = this.objects.get(path);
    const given = "metadata" in object && isRecord(object.metadata) ? object.metadata : {};
    const resourceVersion = String(this.#version);
    const uid = before?.metadata.uid ?? `uid-${this.#version}`;
    const metadata = { name: path.split("/").at(-1) ?? "", uid, ...given, resourceVersion };
    const kept = { ...object, metadata };
    this.objects.set(path, kept);
    this.#tell(before === undefined ? "ADDED" : "MODIFIED", path, kept);
    return kept;
  }

  remove(path: string): void {
    const object = this.objects.get(path);
    if (object === undefined) return;
    this.#version += 1;
    this.objects.delete(path);
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    this.#tell("DELETED", path, { ...object, metadata });
  }

  endWatches(): void {
    for (const { response } of this.#watchers) response.end();
    this.#watchers.clear();
  }

  compact(): void {
    this.#history = [];
    this.#version += 1;
    this.#oldest = this.#version;
  }

  #list(collection: string, query: URLSearchParams): Answer {
    const all = [...this.objects]
      .filter(([path, object]) => isIn(collection, path) && fits(query.get("fieldSelector"), object))
      .map(([, object]) => object);
    const from = Number(query.get("continue") ?? 0);
    const to = from + Number(query.get("limit") ?? all.length);
    const metadata = {
      resourceVersion: String(this.#version),
      ...(to < all.length && { continue: String(to) }),
    };
    return { status: 200, body: { kind: "List", metadata, items: all.slice(from, to) } };
  }

  #watch(collection: string, query: URLSearchParams): Answer {
    const since = Number(query.get("resourceVersion"));
    const selector = query.get("fieldSelector");
    if (since < this.#oldest) {
      return { status: 200, stream: (response) => response.end(line("ERROR", gone)) };
    }
    return {
      status: 200,
      stream: (response) => {
        for (const { version, type, path, object } of this.#history) {
          if (version > since && isIn(collection, path) && fits(selector, object))
            response.write(line(type, object));
        }
        const watcher = { collection, selector, response };
        this.#watchers.add(watcher);
        response.on("close", () => this.#watchers.delete(watcher));
        const metadata = { resourceVersion: String(this.#version) };
        response.write(line("BOOKMARK", { kind: "Any", metadata }));
      },
    };
  }

  #tell(type: string, path: string, object: ApiObject): void {
    this.#history.push({ version: this.#version, type, path, object });
    for (const { collection, selector, response } of this.#watchers) {
      if (isIn(collection, path) && fits(selector, object)) response.write(line(type, object));
    }
  }
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function name(object: Fields): string {
  return isRecord(object.metadata)
    ? String(object.metadata.name ?? `generated-${Object.keys(object).length}`)
    : "";
}

const plurals = [
  "pods",
  "secrets",
  "leases",
  "events",
  "mutatingwebhookconfigurations",
  "validatingwebhookconfigurations",
];

function isCollection(path: string): boolean {
  return plurals.includes(path.split("/").at(-1) ?? "");
}

/** Of one namespace, or of all. */
function isIn(collection: string, path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf("/"));
  return folder === collection || folder.replace(/\/namespaces\/[^/]+/, "") === collection;
}

/** Selectors by name, and by what a field is not. */
function fits(selector: string | null, object: object): boolean {
  return (selector ?? "").split(",").every((term) => {
    const [, field = "", not, value] = /^([^!=]+)(!?)=(.*)$/.exec(term) ?? [];
    if (value === undefined) return true;
    const actual = field
      .split(".")
      .reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), object);
    return (actual === value) !== (not === "!");
  });
}

/** As server-side apply merges: records field by field, lists by the names of their members. */
function merged(before: unknown, change: unknown): unknown {
  if (Array.isArray(before) && Array.isArray(change)) {
    const changes = recordsOf(change);
    return before.map((member) => {
      const fitting = changes.find(({ name: wanted }) => isRecord(member) && member.name === wanted);
      return fitting === undefined ? member : merged(member, fitting);
    });
  }
  if (!isRecord(before) || !isRecord(change)) return change;
  const result: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(change)) result[key] = merged(before[key], value);
  return result;
}
