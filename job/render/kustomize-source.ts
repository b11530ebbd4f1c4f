import { PromoterError } from "../error.ts";
import { type ImagePath, parseImagePath } from "../images/image-path.ts";
import { type ManifestObject, readObjects } from "./hooks/manifest-object.ts";
import { fieldOf, textField } from "./hooks/plain-value.ts";
import { runsPromotion } from "./hooks/promoter-job.ts";

/** A field of an object that holds an image, as kustomize's replacements name it. */
export interface KustomizeSource {
  readonly kind: string;
  readonly name: string;
  /** Only where several objects have this kind and name. */
  readonly namespace?: string;
  /** `spec.template.spec.containers.[name=api].image`. */
  readonly fieldPath: string;
}

export interface SourceOptions {
  /** Name of the file in messages; `-` is standard input. */
  readonly source: string;
  readonly isRouted: (image: string) => boolean;
  /** Fields that hold an image beside those of pod specs. */
  readonly paths?: readonly ImagePath[];
}

/**
 * Where the images stand in manifests that a route leads to, those of the promotion's own Job left out.
 *
 * @throws {PromoterError} `InvalidInput` with the place when the text is no YAML of Kubernetes objects.
 */
export function sourcesInManifests(text: string, options: SourceOptions): readonly KustomizeSource[] {
  const { source, isRouted, paths = [] } = options;
  const objects = readObjects(text, source, { paths });
  return objects
    .filter((object) => !runsPromotion(object))
    .flatMap((object) => {
      const fields = object.images.filter(({ image }) => isRouted(image)).map(({ field }) => field);
      const { kind, name, namespace } = object;
      // Kustomize builds no object without a name.
      if (name === undefined) return [];
      const alike = objects.filter((other) => other.kind === kind && other.name === name);
      return [...new Set(fields)].map((field) => ({
        kind,
        name,
        ...(alike.length > 1 && namespace !== undefined && { namespace }),
        fieldPath: fieldPathOf(field, object),
      }));
    });
}

/** Elements of lists are called by their names, which outlive changes of their order. */
function fieldPathOf(field: string, { value }: ManifestObject): string {
  let at: unknown = value;
  const steps = parseImagePath(field).steps.map((step) => {
    const element: unknown = Array.isArray(at) ? at[Number(step)] : undefined;
    const name = textField(element, "name");
    at = element ?? fieldOf(at, String(step));
    return name === undefined ? String(step).replaceAll(".", "\\.") : `[name=${name}]`;
  });
  return steps.join(".");
}

const podSpecs: Readonly<Record<string, string>> = {
  Pod: "spec",
  CronJob: "spec.jobTemplate.spec.template.spec",
};

const workload =
  /^([A-Z][A-Za-z]*)\/([a-z0-9][a-z0-9.-]*):(?:(initContainers|containers)\/)?([a-z0-9][a-z0-9-]*)$/;

/**
 * Reads `KIND/NAME:CONTAINER`, as in `Deployment/api:server`; `KIND/NAME:initContainers/CONTAINER` for a container that
 * runs before the others.
 *
 * @throws {PromoterError} `Usage`
 */
export function parseWorkload(text: string): KustomizeSource {
  const [, kind, name, list = "containers", container] = workload.exec(text) ?? [];
  if (kind === undefined || name === undefined) {
    throw new PromoterError("Usage", `Cannot read the workload ${JSON.stringify(text.slice(0, 200))}`, {
      hint: "Write KIND/NAME:CONTAINER, as in Deployment/api:server",
    });
  }
  const podSpec = podSpecs[kind] ?? "spec.template.spec";
  return { kind, name, fieldPath: `${podSpec}.${list}.[name=${container}].image` };
}
