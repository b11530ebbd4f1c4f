import { allDone } from "../async/all-done.ts";
import { gathered } from "../async/gathered.ts";
import { hasCode, type PromoterError } from "../error.ts";
import type { ContentReader } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { isUnknownPlatform } from "../oci/platform.ts";
import { cosignTags } from "../oci/referrers-tag.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { GraphFetcher } from "./graph.ts";
import type { Attachment, FoundAttachments } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";

/** A signature of an attestation of an image: attachments may have attachments. */
const maxAttachmentDepth = 3;

/**
 * Finds what is attached to an image or one of its platforms: referrers of the OCI 1.1 specification and the tags of
 * cosign. A source that refuses to list them is a warning, or, when they are `required`, an error.
 */
export async function findAttachments(
  root: ManifestNode,
  from: ContentReader,
  fetcher: GraphFetcher,
  context: PromotionContext,
): Promise<FoundAttachments> {
  if (context.referrers === "none") return { attachments: [], warnings: [] };
  const search = new AttachmentSearch(from, fetcher, context);
  const found = await allDone(attachmentSubjects(root).map((subject) => search.attachedTo(subject, 0)));
  return { attachments: found.flat(), warnings: search.warnings };
}

/** What is looked at for attachments: an image, and each of its platforms. */
export function attachmentSubjects(root: ManifestNode): readonly Digest[] {
  // BuildKit's attestation manifests are attachments themselves and have none of their own.
  const platforms = root.members.filter((member) => !member.platform || !isUnknownPlatform(member.platform));
  return [...new Set([root.manifest.descriptor, ...platforms].map(({ digest }) => digest))];
}

class AttachmentSearch {
  readonly warnings: string[] = [];
  readonly #from: ContentReader;
  readonly #fetcher: GraphFetcher;
  readonly #context: PromotionContext;

  constructor(from: ContentReader, fetcher: GraphFetcher, context: PromotionContext) {
    this.#from = from;
    this.#fetcher = fetcher;
    this.#context = context;
  }

  async attachedTo(subject: Digest, depth: number): Promise<Attachment[]> {
    const [referrers, tagged] = await allDone([
      this.#referrers(subject, depth),
      depth === 0 ? this.#cosign(subject) : Promise.resolve([]),
    ]);
    return [...referrers, ...tagged];
  }

  async #referrers(subject: Digest, depth: number): Promise<Attachment[]> {
    const descriptors = await this.#list(subject);
    const found = await allDone(
      descriptors.map(async (descriptor): Promise<Attachment[]> => {
        const node = await this.#fetcher.fetch(descriptor);
        const nested = depth < maxAttachmentDepth ? await this.attachedTo(descriptor.digest, depth + 1) : [];
        return [{ subject, node, referrer: asReferrer(node) }, ...nested];
      }),
    );
    return found.flat();
  }

  async #list(subject: Digest): Promise<Descriptor[]> {
    try {
      return await limited(this.#context, "source", (waiting) =>
        gathered(this.#from.referrers(subject, waiting)),
      );
    } catch (error) {
      if (this.#context.referrers === "required" || !isRefusal(error)) throw error;
      this.warnings.push(`Signatures and attestations of ${subject} were not looked for: ${error.message}`);
      return [];
    }
  }

  async #cosign(subject: Digest): Promise<Attachment[]> {
    const known = await limited(this.#context, "source", async (waiting) => this.#from.allTags?.(waiting));
    const tags = cosignTags(subject).filter((tag) => known === undefined || known.has(tag));
    const found = await allDone(
      tags.map(async (tag): Promise<Attachment[]> => {
        const descriptor = await limited(this.#context, "source", (waiting) =>
          this.#from.resolve(tag, waiting),
        );
        if (descriptor === undefined) return [];
        return [{ subject, node: await this.#fetcher.fetch(descriptor), tag }];
      }),
    );
    return found.flat();
  }
}

/** How the subject's list has to name a referrer, read from the manifest itself: lists may leave out fields. */
function asReferrer(node: ManifestNode): Descriptor {
  const { artifactType, annotations } = readManifest(node.manifest);
  const { mediaType, digest, size } = node.manifest.descriptor;
  return {
    mediaType,
    digest,
    size,
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
  };
}

/** True for an answer that says no, as opposed to none. */
export function isRefusal(error: unknown): error is PromoterError {
  return hasCode(
    error,
    "Denied",
    "Unsupported",
    "ManifestInvalid",
    "TagInvalid",
    "TagImmutable",
    "NameUnknown",
  );
}

/** The codes by which registries refuse a manifest for lack of a part; ECR calls a missing layer an unknown upload. */
export function saysIncomplete(error: unknown): boolean {
  return hasCode(error, "ManifestBlobUnknown", "BlobUnknown", "BlobUploadUnknown", "ManifestUnknown");
}
