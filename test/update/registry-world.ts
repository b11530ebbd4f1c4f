import type { Digest } from "../../job/oci/digest.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { readPlatform } from "../../job/oci/platform.ts";
import { formatReference, parseReference, type Reference } from "../../job/oci/reference.ts";
import type { TagRegistry } from "../../job/update/tag-registry.ts";

/** An image as a registry of these tests holds it. */
export interface HeldTag {
  readonly tag: string;
  /** RFC 3339. */
  readonly created?: string;
  /** RFC 3339; the list does not tell it when absent. */
  readonly pushed?: string;
  /** `os/architecture`; default Linux on amd64. */
  readonly platforms?: readonly string[];
  /** Tags of the same content have the same digest. */
  readonly content?: string;
  /** Whether the list tells digests. Default true. */
  readonly listed?: boolean;
}

export const digestFor = (content: string): Digest => digestOf(Buffer.from(content));

/** Registries that hold what is said, by repository, and count what they are asked. */
export function registryOf(held: Readonly<Record<string, readonly (HeldTag | string)[]>>): TagRegistry & {
  readonly asked: string[];
} {
  const asked: string[] = [];
  const nameOf = ({ host, repository }: Reference) => formatReference({ host, repository });
  const tagsOf = (repository: Reference): readonly HeldTag[] | undefined =>
    Object.entries(held)
      .find(([name]) => nameOf(parseReference(name)) === nameOf(repository))?.[1]
      .map((tag) => (typeof tag === "string" ? { tag } : tag));
  const contentOf = ({ tag, content = tag }: HeldTag) => content;
  return {
    asked,
    async tags(repository) {
      return tagsOf(repository)?.map((held) => ({
        tag: held.tag,
        ...(held.listed !== false && { digest: digestFor(contentOf(held)) }),
        ...(held.pushed !== undefined && { pushedAt: Date.parse(held.pushed) }),
      }));
    },
    async digest(repository, tag) {
      asked.push(`digest ${tag}`);
      const found = tagsOf(repository)?.find((held) => held.tag === tag);
      return found && digestFor(contentOf(found));
    },
    async facts(repository, digest) {
      const found = tagsOf(repository)?.find((held) => digestFor(contentOf(held)) === digest);
      asked.push(`facts ${found?.tag}`);
      const platforms = (found?.platforms ?? ["linux/amd64"]).flatMap((text) => {
        const [os, architecture, variant] = text.split("/");
        return readPlatform({ os, architecture, variant }) ?? [];
      });
      return { platforms, ...(found?.created !== undefined && { created: Date.parse(found.created) }) };
    },
  };
}
