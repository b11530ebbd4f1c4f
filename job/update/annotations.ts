import { asPromoterError, PromoterError } from "../error.ts";
import { isObject } from "../oci/descriptor.ts";
import { isTag } from "../oci/reference.ts";
import type {
  BrokenImage,
  TagPolicy,
  UndecidedTarget,
  UpdatedImage,
  UpdateStrategy,
  UpdateSubject,
  UpdateTarget,
  ValueFields,
} from "./application.ts";
import { updateStrategies } from "./application.ts";
import { applicationSource } from "./application-source.ts";
import { entriesOfList, type ListedImage, listedImage } from "./image-list.ts";
import { globPattern, matchFunction } from "./tag-matchers.ts";
import { treePath } from "./tree-path.ts";
import { versionConstraint } from "./version-constraint.ts";

/** What the annotations of Argo CD Image Updater begin with. */
export const annotationPrefix = "argocd-image-updater.argoproj.io/";

export interface AnnotationOptions {
  /** Where Argo CD itself runs: applications of other namespaces have it in the names of their files. */
  readonly argocdNamespace: string;
}

/**
 * Reads what the annotations of Argo CD Image Updater ask for an Application; undefined when they ask for nothing.
 * {@link https://argocd-image-updater.readthedocs.io/en/release-0.16/configuration/images/}
 *
 * @throws {PromoterError} `InvalidInput` for an Application that cannot be updated at all. An image whose annotations
 * cannot be read is `broken`.
 */
export function annotatedSubject(
  application: unknown,
  { argocdNamespace }: AnnotationOptions,
): UpdateSubject | undefined {
  const { metadata, spec } = isObject(application) ? application : {};
  const { name, namespace, annotations } = isObject(metadata) ? metadata : {};
  const words = new Words(annotations);
  const list = words.of("image-list");
  if (list === undefined || typeof name !== "string") return undefined;
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
  const { images, broken } = readImages(list, words, { folder: source.path, file });
  return { ...head, source, images, broken, warnings: warningsOf(words, method) };
}

/** Annotations by their names behind the prefix. */
class Words {
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

interface Place {
  readonly folder: string;
  /** What Argo CD reads beside the manifests. */
  readonly file: string;
}

function readImages(list: string, words: Words, place: Place): Pick<UpdateSubject, "images" | "broken"> {
  const images = new Map<string, UpdatedImage>();
  const broken: BrokenImage[] = [];
  for (const entry of entriesOfList(list)) {
    try {
      const image = readImage(listedImage(entry), words, place);
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

function readImage(listed: ListedImage, words: Words, place: Place): UpdatedImage {
  const { alias, image, name } = listed;
  return {
    alias,
    image,
    name,
    policy: readPolicy(listed, words),
    targets: [readTarget(listed, words, place)],
  };
}

function readPolicy({ alias, constraint }: ListedImage, words: Words): TagPolicy {
  const strategy = strategyOf(words.ofImage(alias, "update-strategy", "tag-sort-mode") ?? "semver");
  const allow = matchFunction(words.ofImage(alias, "allow-tags", "tag-match") ?? "any");
  const options = { prerelease: false, lenient: true };
  return {
    strategy,
    // Without a constraint every version counts, prereleases not among them.
    ...(strategy === "semver" && { versions: versionConstraint(constraint ?? "*", options) }),
    ...(strategy === "digest" && constraint !== undefined && { tag: tagOf(constraint) }),
    ...(allow !== undefined && { allow }),
    ignore: listOf(words.ofImage(alias, "ignore-tags")).map(globPattern),
    platforms: listOf(words.ofImage(alias, "platforms")),
    pin: false,
  };
}

function tagOf(text: string): string {
  if (isTag(text)) return text;
  throw new PromoterError("InvalidInput", `${JSON.stringify(text.slice(0, 150))} is no tag to follow`, {
    hint: "Name one tag behind the image: app=registry.example.com/team/app:stable",
  });
}

const formerNames: Readonly<Record<string, UpdateStrategy>> = {
  latest: "newest-build",
  name: "alphabetical",
};

function strategyOf(text: string): UpdateStrategy {
  const known =
    updateStrategies.find((name) => name === text) ??
    (Object.hasOwn(formerNames, text) ? formerNames[text] : undefined);
  if (known !== undefined) return known;
  throw new PromoterError(
    "InvalidInput",
    `There is no update strategy ${JSON.stringify(text.slice(0, 100))}`,
    {
      hint: `Choose one of ${updateStrategies.join(", ")}`,
    },
  );
}

function readTarget(
  { alias, name }: ListedImage,
  words: Words,
  { folder, file }: Place,
): UpdateTarget | UndecidedTarget {
  const [kind, path] = splitAt(words.of("write-back-target") ?? "");
  const fields = fieldsOf(alias, words);
  const kustomizeName = words.of(`${alias}.kustomize.image-name`) ?? name;
  switch (kind) {
    case "kustomization":
      return { kind: "kustomization", path: treePath(folder, path ?? "."), name: kustomizeName };
    case "helmvalues":
      return { kind: "values", path: treePath(folder, path ?? "values.yaml"), fields };
    case "":
      return { kind: "argocd", path: treePath(folder, file), folder, fields, name: kustomizeName };
    default:
      throw new PromoterError(
        "InvalidInput",
        `There is no write-back-target ${JSON.stringify(kind.slice(0, 100))}`,
        {
          hint: "Write kustomization, helmvalues, or one of them with a path: kustomization:../base, helmvalues:/values.yaml",
        },
      );
  }
}

function fieldsOf(alias: string, words: Words): ValueFields {
  const image = words.of(`${alias}.helm.image-spec`);
  if (image !== undefined) return { image };
  const [name, tag] = [words.of(`${alias}.helm.image-name`), words.of(`${alias}.helm.image-tag`)];
  if (name === undefined && tag === undefined) return { name: "image.name", tag: "image.tag" };
  return { tag: tag ?? "image.tag", ...(name !== undefined && { name }) };
}

function warningsOf(words: Words, method: string): readonly string[] {
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

function listOf(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function splitAt(text: string): readonly [string, string?] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}
