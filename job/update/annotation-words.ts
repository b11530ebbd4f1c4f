import { isObject } from "../oci/descriptor.ts";
import { entriesOfList } from "./image-list.ts";

/** What the annotations of Argo CD Image Updater begin with. */
export const annotationPrefix = "argocd-image-updater.argoproj.io/";

/** What is asked for an application, in the words of Argo CD Image Updater's annotations. */
export class AnnotationWords {
  /** Images as they are listed: `app=registry.example.com/team/app:~1.2`. */
  readonly images: readonly string[];
  readonly #words: ReadonlyMap<string, string>;

  constructor(words: ReadonlyMap<string, string>, images: readonly string[]) {
    this.#words = words;
    this.images = images;
  }

  of(name: string): string | undefined {
    return this.#words.get(name);
  }

  /** An image's own annotation, else the one for all of the application's images. */
  ofImage(alias: string, ...names: readonly string[]): string | undefined {
    return names
      .map((name) => this.of(`${alias}.${name}`) ?? this.of(name))
      .find((found) => found !== undefined);
  }

  some(test: RegExp): boolean {
    return [...this.#words.keys()].some((name) => test.test(name));
  }
}

/**
 * What the annotations of an object ask for; undefined when they list no images.
 *
 * @throws {PromoterError} `InvalidInput` when they list too many.
 */
export function annotationWords(annotations: unknown): AnnotationWords | undefined {
  if (!isObject(annotations)) return undefined;
  const words = new Map<string, string>();
  for (const [key, value] of Object.entries(annotations)) {
    if (!key.startsWith(annotationPrefix) || typeof value !== "string" || value.trim() === "") continue;
    words.set(key.slice(annotationPrefix.length), value.trim());
  }
  const list = words.get("image-list");
  return list === undefined ? undefined : new AnnotationWords(words, entriesOfList(list));
}
