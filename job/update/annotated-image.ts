import { PromoterError } from "../error.ts";
import { isTag } from "../oci/reference.ts";
import type { AnnotationWords } from "./annotation-words.ts";
import type {
  TagPolicy,
  UndecidedTarget,
  UpdatedImage,
  UpdateStrategy,
  UpdateTarget,
  ValueFields,
} from "./application.ts";
import { updateStrategies } from "./application.ts";
import type { ListedImage } from "./image-list.ts";
import { globPattern, matchFunction } from "./tag-matchers.ts";
import { treePath } from "./tree-path.ts";
import { versionConstraint } from "./version-constraint.ts";

/** Where an application stands in its repository. */
export interface Place {
  readonly folder: string;
  /** What Argo CD reads beside the manifests. */
  readonly file: string;
}

/**
 * What annotations ask for an image.
 *
 * @throws {PromoterError} `InvalidInput` or `InvalidConfiguration` for what cannot be read.
 */
export function annotatedImage(listed: ListedImage, words: AnnotationWords, place: Place): UpdatedImage {
  const { alias, image, name } = listed;
  return {
    alias,
    image,
    name,
    policy: readPolicy(listed, words),
    targets: [readTarget(listed, words, place)],
  };
}

function readPolicy({ alias, constraint }: ListedImage, words: AnnotationWords): TagPolicy {
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
  words: AnnotationWords,
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

function fieldsOf(alias: string, words: AnnotationWords): ValueFields {
  const image = words.of(`${alias}.helm.image-spec`);
  if (image !== undefined) return { image };
  const [name, tag] = [words.of(`${alias}.helm.image-name`), words.of(`${alias}.helm.image-tag`)];
  if (name === undefined && tag === undefined) return { name: "image.name", tag: "image.tag" };
  return { tag: tag ?? "image.tag", ...(name !== undefined && { name }) };
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
