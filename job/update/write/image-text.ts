import type { ImageVersion } from "../application.ts";

/** An image as people write it: `team/app:1.2.3@sha256:…`. Its name is kept as it is, however short. */
export interface ImageText extends ImageVersion {
  readonly name: string;
}

/** Takes an image's text apart, without asking whether it is a good one. */
export function splitImage(text: string): ImageText {
  const at = text.indexOf("@");
  const rest = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  // A colon before a slash begins a port.
  const colon = rest.lastIndexOf(":");
  const tagged = colon > rest.lastIndexOf("/");
  return {
    name: tagged ? rest.slice(0, colon) : rest,
    ...(tagged && { tag: rest.slice(colon + 1) }),
    ...(digest !== undefined && { digest }),
  };
}

/** `name:tag@digest`, without the parts that are absent. */
export function joinImage({ name, tag, digest }: ImageText): string {
  return `${name}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** `tag@digest` or `tag`, for a field that holds no name; `undefined` when there is no tag to stand in it. */
export function joinVersion({ tag, digest }: ImageVersion): string | undefined {
  if (tag === undefined) return undefined;
  return digest === undefined ? tag : `${tag}@${digest}`;
}

/** The tag and the digest of a field that holds no name: `1.2.3`, `1.2.3@sha256:…`. */
export function splitVersion(text: string): ImageVersion {
  const [tag = "", digest] = text.split("@", 2);
  return { ...(tag !== "" && { tag }), ...(digest !== undefined && { digest }) };
}
