import { isObject } from "../oci/descriptor.ts";
import { type LabelRequirement, type LabelSelector, selects } from "../webhook/label-selector.ts";
import { AnnotationWords } from "./annotation-words.ts";
import type { TagMatcher } from "./application.ts";
import { globPattern } from "./tag-matchers.ts";

/** What chooses applications, and what is asked for them. */
export interface UpdaterRule {
  readonly namespace: string | undefined;
  readonly names: TagMatcher;
  readonly labels: readonly LabelSelector[];
  /** Absent where the annotations of each application count. */
  readonly words?: AnnotationWords;
}

/** More than a team writes, and little work whatever stands there. */
const mostRules = 1_000;
const mostImages = 500;

/**
 * The rules of an ImageUpdater, the resource that Argo CD Image Updater is told by since its version 1, in the words of
 * annotations. Fields of an image go before those of its applications, and these before those of all.
 * {@link https://argocd-image-updater.readthedocs.io/en/stable/configuration/applications/}
 *
 * @throws {PromoterError} `InvalidConfiguration` for a pattern of names that cannot be read.
 */
export function updaterRules(resource: unknown): readonly UpdaterRule[] {
  const { metadata, spec } = fieldsOf(resource);
  const { applicationRefs, namespace = fieldsOf(metadata).namespace, ...common } = fieldsOf(spec);
  return listOf(applicationRefs)
    .slice(0, mostRules)
    .map((ref) => {
      const { namePattern, labelSelectors, useAnnotations } = fieldsOf(ref);
      return {
        namespace: textOf(namespace),
        names: globPattern(textOf(namePattern) ?? "*"),
        labels: [labelSelectors].flat().filter(isObject).map(selectorOf),
        ...(useAnnotations !== true && { words: wordsOf(fieldsOf(ref), common) }),
      };
    });
}

/** The first rule that chooses an Application. */
export function ruleFor(application: unknown, rules: readonly UpdaterRule[]): UpdaterRule | undefined {
  const { name, namespace, labels } = fieldsOf(fieldsOf(application).metadata);
  if (typeof name !== "string") return undefined;
  const own = textsOf(labels);
  return rules.find(
    (rule) =>
      (rule.namespace === undefined || namespace === undefined || rule.namespace === namespace) &&
      rule.names.matches(name) &&
      rule.labels.every((selector) => selects(selector, own)),
  );
}

type Fields = Readonly<Record<string, unknown>>;

function wordsOf(ref: Fields, common: Fields): AnnotationWords {
  const words = new Map<string, string>();
  const set = (name: string, value: unknown) => {
    const text = Array.isArray(value)
      ? value.filter((part) => typeof part === "string").join(",")
      : textOf(value);
    if (text !== undefined && text !== "") words.set(name, text);
  };
  for (const { writeBackConfig } of [common, ref]) {
    const { method, gitConfig } = fieldsOf(writeBackConfig);
    const { repository, branch, writeBackTarget } = fieldsOf(gitConfig);
    set("write-back-method", method);
    set("git-repository", repository);
    set("git-branch", branch);
    set("write-back-target", writeBackTarget);
  }
  for (const { commonUpdateSettings } of [common, ref]) setPolicy(set, "", fieldsOf(commonUpdateSettings));
  const images = listOf(ref.images).slice(0, mostImages).map(fieldsOf);
  for (const { alias, commonUpdateSettings, manifestTargets } of images) {
    const { helm, kustomize } = fieldsOf(manifestTargets);
    const prefix = `${(textOf(alias) ?? "").replaceAll("/", "_")}.`;
    setPolicy(set, prefix, fieldsOf(commonUpdateSettings));
    set(`${prefix}helm.image-name`, fieldsOf(helm).name);
    set(`${prefix}helm.image-tag`, fieldsOf(helm).tag);
    set(`${prefix}helm.image-spec`, fieldsOf(helm).spec);
    set(`${prefix}kustomize.image-name`, fieldsOf(kustomize).name);
  }
  return new AnnotationWords(
    words,
    images.map(({ alias, imageName }) =>
      [textOf(alias), textOf(imageName) ?? ""].filter((part) => part !== undefined).join("="),
    ),
  );
}

function setPolicy(set: (name: string, value: unknown) => void, prefix: string, policy: Fields): void {
  set(`${prefix}update-strategy`, policy.updateStrategy);
  set(`${prefix}allow-tags`, policy.allowTags);
  set(`${prefix}ignore-tags`, policy.ignoreTags);
  set(`${prefix}platforms`, policy.platforms);
  set(`${prefix}pull-secret`, policy.pullSecret);
}

function selectorOf({ matchLabels, matchExpressions }: Fields): LabelSelector {
  return { matchLabels: textsOf(matchLabels), matchExpressions: listOf(matchExpressions).map(requirementOf) };
}

/** What cannot be read chooses nothing. */
function requirementOf(value: unknown): LabelRequirement {
  const { key, operator, values } = fieldsOf(value);
  const known = (["In", "NotIn", "Exists", "DoesNotExist"] as const).find((name) => name === operator);
  return {
    key: textOf(key) ?? "",
    operator: known ?? "In",
    values: listOf(values).filter((one) => typeof one === "string"),
  };
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}
