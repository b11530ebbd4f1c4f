import { allDone } from "../async/all-done.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { hasCode, PromoterError } from "../error.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import type { Target } from "../oci/reference.ts";
import { isRefusal, saysIncomplete } from "./attachments.ts";
import type { BlobTransfers } from "./blob-transfer.ts";
import { limited, type PromotionContext } from "./context.ts";
import { GraphFetcher } from "./graph.ts";
import type { Attachment, ImageWork } from "./image.ts";
import type { ManifestNode } from "./manifest-node.ts";

/** What a copy did, in bytes; `saved` were planned and turned out to be there already. */
export interface CopyListener {
  sent(bytes: number): void;
  mounted(bytes: number): void;
  saved(bytes: number): void;
}

/** What the images of one run share. */
export interface CopyRun {
  readonly blobs: BlobTransfers;
  /** Manifests by destination repository and digest: each is put once, whatever number of images has it. */
  readonly manifests: SingleFlight<string, void>;
}

interface AttachmentOutcome {
  readonly attachment: Attachment;
  readonly there: boolean;
  /** Why it is not there. */
  readonly warning?: string;
}

/** The copying of one image: what has to come before what, and what may go wrong on the way. */
export class ImageCopy {
  readonly #work: ImageWork;
  readonly #run: CopyRun;
  readonly #listener: CopyListener;
  readonly #context: PromotionContext;

  constructor(work: ImageWork, run: CopyRun, listener: CopyListener, context: PromotionContext) {
    this.#work = work;
    this.#run = run;
    this.#listener = listener;
    this.#context = context;
  }

  /**
   * Brings a manifest with all that it names, and puts it under `target`: its own digest, or a tag.
   *
   * @param beforePut what else comes first; not called when the manifest is there, or another image brings it.
   */
  async bring(node: ManifestNode, target: Target, beforePut?: () => Promise<void>): Promise<void> {
    const { digest } = node.manifest.descriptor;
    if (target !== digest) return this.#bringNode(node, target, beforePut);
    const { to } = this.#work;
    await this.#run.manifests.run(`${to.host}/${to.repository}@${digest}`, () =>
      this.#bringNode(node, target, beforePut),
    );
  }

  /** Brings all that a manifest names, and not the manifest itself. */
  async bringContent(node: ManifestNode): Promise<void> {
    await allDone([
      ...node.children.map((child) => this.bring(child, child.manifest.descriptor.digest)),
      ...node.blobs.map((blob) => this.#bringBlob(blob)),
    ]);
  }

  /**
   * Puts a manifest whose content is there. A destination that refuses it for lack of a part, which it claimed to have,
   * gets everything below once more.
   */
  async put(node: ManifestNode, target: Target): Promise<void> {
    try {
      await this.#put(node, target);
    } catch (error) {
      const { from, to } = this.#work;
      // Without a source there is nothing to mend it with.
      if (!saysIncomplete(error) || from === to) throw error;
      await this.#repair(node);
      await this.#put(node, target);
    }
  }

  /** Puts a manifest under its own digest, once whatever number of images has it. Its content is there. */
  async putByDigest(node: ManifestNode): Promise<void> {
    if (node.present) return;
    const { to } = this.#work;
    const { digest } = node.manifest.descriptor;
    await this.#run.manifests.run(`${to.host}/${to.repository}@${digest}`, () => this.put(node, digest));
  }

  /** Brings attachments, each after what it is attached to; one whose subject was refused stays behind with it. */
  async bringAttachments(attachments: readonly Attachment[]): Promise<string[]> {
    const outcomes = new SingleFlight<Attachment, AttachmentOutcome>();
    const bring = (attachment: Attachment): Promise<AttachmentOutcome> =>
      outcomes.run(attachment, async () => {
        const subject = subjectAmong(attachments, attachment);
        if (subject !== undefined && !(await bring(subject)).there) return { attachment, there: false };
        const warning = await this.#tryAttachment(attachment);
        return { attachment, there: warning === undefined, ...(warning !== undefined && { warning }) };
      });
    const brought = await allDone(attachments.map(bring));
    const there = brought.filter((outcome) => outcome.there).map(({ attachment }) => attachment);
    const bySubject = Map.groupBy(there, ({ subject }) => subject);
    const unlinked = await allDone([...bySubject].map(([subject, members]) => this.#link(subject, members)));
    return [...brought.map(({ warning }) => warning), ...unlinked].filter((warning) => warning !== undefined);
  }

  /** Brings attachments whose subject may be missing still. @returns false when the destination refused one. */
  async tryAttachments(attachments: readonly Attachment[]): Promise<boolean> {
    try {
      return (await this.bringAttachments(attachments)).length === 0;
    } catch (error) {
      if (saysIncomplete(error) || hasCode(error, "ReferrersIncomplete")) return false;
      throw error;
    }
  }

  async #bringNode(node: ManifestNode, target: Target, beforePut?: () => Promise<void>): Promise<void> {
    if (node.present && target === node.manifest.descriptor.digest) return;
    await this.bringContent(node);
    await beforePut?.();
    await this.put(node, target);
  }

  async #put({ manifest, blobs }: ManifestNode, target: Target): Promise<void> {
    const { to } = this.#work;
    await limited(this.#context, "destination", (waiting) => to.pushManifest(manifest, target, waiting));
    this.#listener.sent(manifest.bytes.length);
    this.#run.blobs.committed(to, blobs);
  }

  async #bringBlob(blob: Descriptor, { mayWait = true } = {}): Promise<void> {
    const { from, to } = this.#work;
    let sent = 0;
    const onBytes = (bytes: number) => {
      sent += bytes;
      this.#listener.sent(bytes);
    };
    const transfer = await this.#run.blobs.transfer({ blob, from, to, onBytes, mayWait });
    if (sent !== 0) return;
    if (transfer === "mounted") this.#listener.mounted(blob.size);
    else this.#listener.saved(blob.size);
  }

  /**
   * The destination claims to have a part and refuses the whole for lack of it (an interrupted push may leave that
   * behind, or a garbage collection has just run): everything below is looked at anew and pushed once more.
   */
  async #repair(node: ManifestNode): Promise<void> {
    const { from, to } = this.#work;
    const { descriptor } = node.manifest;
    const fresh = await new GraphFetcher({ from, to: undefined }, this.#context).fetch(descriptor);
    const push = async (part: ManifestNode): Promise<void> => {
      for (const blob of part.blobs) this.#run.blobs.forget({ blob, to });
      await allDone([
        // Claimed by nobody, or by an image that waits for this one.
        ...part.blobs.map((blob) => this.#bringBlob(blob, { mayWait: false })),
        ...part.children.map(async (child) => {
          await push(child);
          await this.#put(child, child.manifest.descriptor.digest);
        }),
      ]);
    };
    await push(fresh);
  }

  /** @returns a warning when the destination refuses the attachment, unless attachments are required. */
  async #tryAttachment(attachment: Attachment): Promise<string | undefined> {
    return this.#tolerant(attachment.subject, async () => {
      const { node, tag } = attachment;
      const { digest } = node.manifest.descriptor;
      if (tag === undefined) return this.bring(node, digest);
      const { to } = this.#work;
      const there = await limited(this.#context, "destination", (waiting) => to.resolve(tag, waiting));
      if (there?.digest !== digest) await this.bring(node, tag);
    });
  }

  async #link(subject: Digest, attachments: readonly Attachment[]): Promise<string | undefined> {
    const referrers = attachments.flatMap(({ referrer }) => referrer ?? []);
    if (referrers.length === 0) return undefined;
    const { to } = this.#work;
    return this.#tolerant(subject, () =>
      limited(this.#context, "destination", (waiting) => to.linkReferrers(subject, referrers, waiting)),
    );
  }

  async #tolerant(subject: Digest, work: () => Promise<void>): Promise<string | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const message = `The destination refused what is attached to ${subject}: ${error.message}`;
      if (this.#context.referrers !== "required") return message;
      throw new PromoterError("ReferrersIncomplete", message, {
        cause: error,
        side: "destination",
        hint: error.hint ?? "Promote with --referrers all to go on without what the registry refuses",
      });
    }
  }
}

/**
 * The attachment that another is attached to, if it says so itself: by digests nothing leads round in a circle, by the
 * tags and lists of a registry it may.
 */
function subjectAmong(attachments: readonly Attachment[], attached: Attachment): Attachment | undefined {
  const { subject } = readManifest(attached.node.manifest);
  if (subject?.digest !== attached.subject) return undefined;
  return attachments.find(({ node }) => node.manifest.descriptor.digest === attached.subject);
}
