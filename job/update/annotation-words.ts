import { isObject } from "../oci/descriptor.ts";

/** What the annotations of Argo CD Image Updater begin with. */
export const annotationPrefix = "argocd-image-updater.argoproj.io/";

/** The annotations of Argo CD Image Updater, by their names behind the prefix. */
export class AnnotationWords {
  readonly #words = new Map<string, string>();

  constructor(annotations: unknown) {
    if (!isObject(annotations)) return;
    for (const [key, value] of Object.entries(annotations)) {
      if (!key.startsWith(annotationPrefix) || typeof value !== "string" || value.trim() === "") continue;
      this.#words.set(key.slice(annotationPrefix.length), value.trim());
    }
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
