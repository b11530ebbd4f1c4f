import { asPromoterError, PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import { annotatedImage, type Place } from "./annotated-image.ts";
import { type AnnotationWords, annotationWords } from "./annotation-words.ts";
import type { BrokenImage, UpdatedImage, UpdateSubject } from "./application.ts";
import { applicationSource } from "./application-source.ts";
import { listedImage } from "./image-list.ts";
import { ruleFor, type UpdaterRule } from "./image-updater.ts";

export interface AnnotationOptions {
  /** Rules of ImageUpdater resources: what they choose goes by them, and by its annotations only where they say so. */
  readonly rules?: readonly UpdaterRule[];
  /** Where Argo CD itself runs: applications of other namespaces have it in the names of their files. */
  readonly argocdNamespace: string;
}

/**
 * Reads what the annotations of Argo CD Image Updater, or its resources, ask for an Application; undefined when they ask
 * for nothing.
 * {@link https://argocd-image-updater.readthedocs.io/en/release-0.16/configuration/images/}
 *
 * @throws {PromoterError} `InvalidInput` for an Application that cannot be updated at all. An image whose annotations
 * cannot be read is `broken`.
 */
export function annotatedSubject(
  application: unknown,
  { argocdNamespace, rules = [] }: AnnotationOptions,
): UpdateSubject | undefined {
  const { metadata, spec } = isObject(application) ? application : {};
  const { name, namespace, annotations } = isObject(metadata) ? metadata : {};
  const words = ruleFor(application, rules)?.words ?? annotationWords(annotations);
  if (words === undefined || typeof name !== "string") return undefined;
  const place = typeof namespace === "string" && namespace !== "" ? namespace : undefined;
  const called = place === undefined ? name : `${place}/${name}`;
  const head = { name: called, origin: `Application ${called}` };
  const source = applicationSource(spec, {
    repository: words.of("git-repository"),
    branch: words.of("git-branch"),
  });
  const method = words.of("write-back-method") ?? "argocd";
  if (!/^git(?::|$)/.test(method)) {
    const warning = `Not updated: its write-back-method is ${JSON.stringify(method.slice(0, 100))}, and only git is written to`;
    return { ...head, source, images: [], broken: [], warnings: [warning] };
  }
  const isOwn = place === undefined || place === argocdNamespace;
  const file = `.argocd-source-${isOwn ? "" : `${place}_`}${name}.yaml`;
  const { images, broken } = readImages(words, { folder: source.path, file });
  return { ...head, source, images, broken, warnings: warningsOf(words, method) };
}

function readImages(words: AnnotationWords, place: Place): Pick<UpdateSubject, "images" | "broken"> {
  const images = new Map<string, UpdatedImage>();
  const broken: BrokenImage[] = [];
  for (const entry of words.images) {
    try {
      const image = annotatedImage(listedImage(entry), words, place);
      if (images.has(image.alias)) throw twice(image.alias);
      images.set(image.alias, image);
    } catch (error) {
      const [alias = entry] = entry.split(/[=:]/, 1);
      broken.push({ alias: alias.slice(0, 100), error: asPromoterError(error) });
    }
  }
  return { images: [...images.values()], broken };
}

function twice(alias: string): PromoterError {
  return new PromoterError("InvalidInput", `Two images are called ${alias}`, {
    hint: "Give each an alias of its own: app=registry.example.com/team/app",
  });
}

function warningsOf(words: AnnotationWords, method: string): readonly string[] {
  const secret = words.some(/(?:^|\.)pull-secret$/);
  return [
    ...(secret
      ? [
          "pull-secret is not read: registries are asked with the credentials of this program, ECR with its role",
        ]
      : []),
    ...(method.startsWith("git:secret:")
      ? ["The secret of write-back-method is not read: git is asked with the credentials of this program"]
      : []),
  ];
}
