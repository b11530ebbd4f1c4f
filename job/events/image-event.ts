import { ecrHostOf } from "../ecr/registry-host.ts";
import { PromoterError } from "../error.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { isRepositoryName, isTag, type Reference } from "../oci/reference.ts";

/** A tag that was pushed to a registry of ECR. */
export interface PushEvent {
  readonly kind: "push";
  /** EventBridge's name for the event: the same when it is delivered again. */
  readonly id: string;
  /** When it happened, as EventBridge writes it. */
  readonly time?: string;
  /** The registry's host, the repository and the tag. */
  readonly source: Reference & { readonly tag: string };
  /** What the tag stood for when it was pushed. */
  readonly digest: Digest;
}

/** An event that asks for nothing. */
export interface OtherEvent {
  readonly kind: "other";
  readonly id?: string;
  /** Why nothing is done about it. */
  readonly reason: string;
}

export type ImageEvent = PushEvent | OtherEvent;

/**
 * Reads an event of ECR as EventBridge delivers it.
 *
 * @throws {PromoterError} `InvalidInput` when it is no event of EventBridge, or a push that does not say of what.
 * {@link https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html}
 */
export function readImageEvent(document: unknown): ImageEvent {
  const event = fieldsOf(document);
  const { id, source, detail, "detail-type": type } = event;
  if (typeof id !== "string" || id === "" || typeof source !== "string" || typeof type !== "string") {
    throw invalid("It has no id, source and detail-type as EventBridge's events have");
  }
  const named = { id: id.slice(0, 200) };
  if (source !== "aws.ecr" || type !== "ECR Image Action") {
    return other(named, `It is ${quoted(type)} of ${quoted(source)}, and no ECR Image Action`);
  }
  const { "action-type": action, result, "image-tag": tag = "", ...image } = fieldsOf(detail);
  if (action !== "PUSH") return other(named, `It tells of ${quoted(action)}, and no push`);
  if (result !== "SUCCESS") return other(named, `The push did not succeed: ${quoted(result)}`);
  // Members of an index and what is attached to images come so; they go along with what has a tag.
  if (tag === "") return other(named, "It was pushed by digest, without a tag");
  return {
    kind: "push",
    ...named,
    ...(typeof event.time === "string" && { time: event.time.slice(0, 40) }),
    ...pushed({
      host: hostOf(event),
      repository: image["repository-name"],
      tag,
      digest: image["image-digest"],
    }),
  };
}

function pushed({ host, repository, tag, digest }: Readonly<Record<string, unknown>>) {
  if (typeof host !== "string") throw invalid("Its account and region name no registry");
  if (typeof repository !== "string" || !isRepositoryName(repository)) {
    throw invalid(`Its repository-name is ${quoted(repository)}`);
  }
  if (typeof tag !== "string" || !isTag(tag)) throw invalid(`Its image-tag is ${quoted(tag)}`);
  if (typeof digest !== "string" || !isDigest(digest)) throw invalid(`Its image-digest is ${quoted(digest)}`);
  return { source: { host, repository, tag }, digest };
}

function hostOf({ account, region }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof account !== "string" || typeof region !== "string") return undefined;
  return ecrHostOf(account, region);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function other(named: { readonly id: string }, reason: string): OtherEvent {
  return { kind: "other", ...named, reason };
}

/** What a stranger wrote, short and in quotes. */
function quoted(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 100);
}

function invalid(what: string): PromoterError {
  return new PromoterError("InvalidInput", `Cannot read an event: ${what}`, {
    hint: "Hand on ECR's events as EventBridge delivers them, without an input transformer",
  });
}
