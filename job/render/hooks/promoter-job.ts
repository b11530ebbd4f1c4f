import { hasCode } from "../../error.ts";
import { imagesInVariable } from "../../images/image-list.ts";
import { promotionKinds, runsPromoter } from "../../images/promoter-container.ts";
import { formatReference, parseReference } from "../../oci/reference.ts";
import type { ManifestObject } from "./manifest-object.ts";
import { listField, textField } from "./plain-value.ts";
import { containersOf, podSpecOf } from "./pod-needs.ts";

/** A Job that runs `image-promoter promote`, and the images that it names. */
export interface PromoterJob {
  readonly job: ManifestObject;
  /** Canonical references; undefined when they are named elsewhere, in a file or by a variable that cannot be seen. */
  readonly images: readonly string[] | undefined;
}

/** The Job as one of ours, or undefined when it is somebody else's. */
export function promoterJobOf(job: ManifestObject): PromoterJob | undefined {
  if (job.kind !== "Job") return undefined;
  const container = containersOf(podSpecOf(job)).find(isPromoter);
  return container === undefined ? undefined : { job, images: imagesOf(container) };
}

/**
 * Whether an object is the promotion's own: its Job, the CronJob that runs it again by hand, or the Pod of its test. Their
 * image was in the cluster's registry before anything is promoted.
 */
export function runsPromotion(object: Pick<ManifestObject, "kind" | "value">): boolean {
  return promotionKinds.has(object.kind) && containersOf(podSpecOf(object)).some(isPromoter);
}

function isPromoter(container: unknown): boolean {
  const [command] = listField(container, "args");
  return runsPromoter({
    image: textField(container, "image"),
    variables: listField(container, "env").map((entry) => textField(entry, "name") ?? ""),
    command: typeof command === "string" ? command : undefined,
  });
}

/** Those of the command line go before those of the variable, as in the program. */
function imagesOf(container: unknown): readonly string[] | undefined {
  const [command, ...rest] = listField(container, "args").filter((arg) => typeof arg === "string");
  if (command !== undefined && command !== "promote") return undefined;
  const named = rest.filter((arg, index) => !arg.startsWith("-") && !takesNext(rest[index - 1]));
  const variable = listField(container, "env").find((entry) => textField(entry, "name") === variableName);
  const listed = textField(variable, "value");
  try {
    if (named.length > 0) return named.map((image) => formatReference(parseReference(image)));
    if (listed === undefined) return undefined;
    return imagesInVariable(listed, variableName).map(({ reference }) => formatReference(reference));
  } catch (error) {
    // What cannot be read promotes nothing.
    if (hasCode(error, "InvalidInput", "InvalidReference")) return [];
    throw error;
  }
}

const variableName = "PROMOTER_IMAGES";
const switches = ["--strict", "--dry-run", "--create-repositories"];

/** Whether an argument is a flag whose value is the next one. */
function takesNext(argument: string | undefined): boolean {
  if (argument === undefined || !argument.startsWith("-")) return false;
  return !argument.includes("=") && !switches.includes(argument);
}
