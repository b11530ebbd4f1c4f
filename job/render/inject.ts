import { PromoterError } from "../error.ts";
import type { ImagePath } from "../images/image-path.ts";
import type { ImageRequest } from "../images/image-request.ts";
import { imagesInManifests, type ManifestsOptions } from "../images/kubernetes-manifests.ts";
import { documentRanges } from "./document-range.ts";
import { type Fields, isFields } from "./fields.ts";
import { readObjects } from "./hooks/manifest-object.ts";
import { renderManifests } from "./manifests.ts";
import { asDocuments } from "./rendered-file.ts";

/** The label of what was injected, by which it is found again. */
export const injectedLabel = "image-promoter/injected";

export interface InjectOptions {
  /** Name of the file in messages; `-` is standard input. */
  readonly source: string;
  /** The images that the Job is to promote, each once, of those that the manifests hold. */
  readonly select: (requests: readonly ImageRequest[]) => readonly string[];
  /** Fields that hold an image beside those of pod specs. */
  readonly imagePaths?: readonly ImagePath[];
  /** Told of each image that only a workflow's controller will know: no Job can promote it. */
  readonly onExpression?: ManifestsOptions["onExpression"];
  /** What a values.yaml of the chart says of the Job; its images are replaced. */
  readonly values: Fields;
  /** The beginning of the Job's name. */
  readonly name: string;
  readonly namespace?: string;
  /** Whether the service account, its Role and its RoleBinding are injected too. Default false. */
  readonly rbac?: boolean;
}

/** Manifests with their Job. */
export interface Injection {
  /** The same bytes, with one Job behind them; without one where no image is wanted. */
  readonly text: string;
  /** The images that the Job promotes, each once. */
  readonly images: readonly string[];
}

/**
 * Puts one Job that promotes the images of manifests behind them, as a document of its own. Everything else stays as it
 * is, byte for byte; what was injected before is replaced, so that injecting twice is injecting once.
 *
 * @throws {PromoterError} `InvalidInput` with the place when the text is no YAML of Kubernetes objects;
 * `InvalidConfiguration` when the values are wrong.
 */
export function injectJob(text: string, options: InjectOptions): Injection {
  const { source, select, imagePaths = [], onExpression } = options;
  const bare = withoutInjected(text, source);
  const requests = imagesInManifests(bare, source, {
    paths: imagePaths,
    ...(onExpression && { onExpression }),
  });
  const images = select(requests);
  if (images.length === 0) return { text: bare, images };
  return { text: append(bare, injectedDocuments(images, options)), images };
}

function injectedDocuments(images: readonly string[], options: InjectOptions): string {
  const { values, name, namespace, rbac = false } = options;
  const files = renderManifests(
    {
      ...values,
      images,
      commonLabels: { ...asFields(values.commonLabels), [injectedLabel]: "true" },
      cronJob: { enabled: false },
      ...(!rbac && {
        rbac: { create: false },
        serviceAccount: { ...asFields(values.serviceAccount), create: false },
      }),
    },
    { name, ...(namespace !== undefined && { namespace }) },
  );
  return asDocuments(files);
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The text without what an earlier run put into it. */
function withoutInjected(text: string, source: string): string {
  if (!text.includes(injectedLabel)) return text;
  let rest = "";
  let kept = 0;
  for (const { start, end } of documentRanges(text)) {
    if (!isInjected(text.slice(start, end), source)) continue;
    rest += text.slice(kept, start);
    kept = end;
  }
  return rest + text.slice(kept);
}

function isInjected(document: string, source: string): boolean {
  if (!document.includes(injectedLabel)) return false;
  const objects = readObjects(document, source);
  const injected = objects.filter(({ labels }) => labels.has(injectedLabel));
  if (injected.length === 0 || injected.length === objects.length) return injected.length > 0;
  const [first] = injected;
  throw new PromoterError("InvalidInput", `A List holds ${first?.description}, which was injected before`, {
    hint: "Inject before manifests are gathered in a List, or take the Job out of it",
  });
}

/** Further documents, with the line ends of the text. */
function append(text: string, documents: string): string {
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n";
  const open = text !== "" && text !== "\uFEFF" && !text.endsWith("\n");
  return `${text}${open ? lineEnd : ""}${documents.replaceAll("\n", lineEnd)}`;
}
