import { PromoterError } from "../error.ts";
import type { KubernetesApi } from "./api.ts";
import { isRecord } from "./object.ts";

/** Objects of a page: few enough that a page of large ones stays within what an answer may have. */
const pageSize = 100;

/** Some of the objects of a collection. */
export interface ObjectPage {
  readonly items: readonly unknown[];
  /** Of the whole list: where a watch goes on. */
  readonly resourceVersion: string;
}

export interface ListOptions {
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  readonly signal?: AbortSignal;
}

/**
 * The objects of a collection such as `/api/v1/pods`, page by page.
 *
 * @throws {PromoterError} what the API says; `InvalidResponse` for what is no list.
 */
export async function* listObjects(
  api: Pick<KubernetesApi, "get">,
  path: string,
  { fieldSelector, labelSelector, signal }: ListOptions = {},
): AsyncGenerator<ObjectPage> {
  let next: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: String(pageSize),
      ...(fieldSelector !== undefined && { fieldSelector }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(next !== undefined && { continue: next }),
    });
    const list = await api.get(`${path}?${query}`, { ...(signal && { signal }) });
    if (!isRecord(list) || !Array.isArray(list.items)) throw noList(path);
    const { continue: token, resourceVersion } = isRecord(list.metadata) ? list.metadata : {};
    yield {
      items: list.items,
      resourceVersion: typeof resourceVersion === "string" ? resourceVersion : "",
    };
    next = typeof token === "string" && token !== "" ? token : undefined;
  } while (next !== undefined);
}

function noList(path: string): PromoterError {
  return new PromoterError("InvalidResponse", `Cannot read what the Kubernetes API lists at ${path}`, {
    hint: "See that the API server is one of Kubernetes, version 1.21 or later",
  });
}
