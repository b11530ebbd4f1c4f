import { allDone } from "../async/all-done.ts";
import { SingleFlight } from "../async/single-flight.ts";
import { PromoterError } from "../error.ts";
import type { ContentReader } from "../oci/content.ts";
import { type Descriptor, describeDescriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type Manifest, readManifest } from "../oci/manifest.ts";
import { isManifest, isSchema1 } from "../oci/media-type.ts";
import { limited, type PromotionContext } from "./context.ts";
import type { ManifestNode } from "./manifest-node.ts";

export interface GraphSides {
  readonly from: ContentReader;
  /** Where presence is asked for; undefined to take everything as absent. */
  readonly to: ContentReader | undefined;
  /** What is known of the destination already, and is not asked again. */
  readonly present?: ReadonlyMap<Digest, boolean>;
  /** Manifests that were read already. */
  readonly manifests?: readonly Manifest[];
}

/** Indexes inside indexes: the specifications allow it, builders make two levels at the most. */
const maxDepth = 8;

/** Manifests of one image, attached ones included. */
const maxNodes = 10_000;

/** Bytes of them all: they stay in memory until they are pushed. */
const maxBytes = 64 * 1024 * 1024;

/** Fetches a manifest and, as far as the destination lacks it, all that it names. Each digest is asked for once. */
export class GraphFetcher {
  readonly #sides: GraphSides;
  readonly #context: PromotionContext;
  readonly #nodes = new SingleFlight<Digest, ManifestNode>();
  #count = 0;
  #bytes = 0;

  constructor(sides: GraphSides, context: PromotionContext) {
    this.#sides = sides;
    this.#context = context;
  }

  /**
   * @throws {PromoterError} `ManifestUnknown` when the source lacks a manifest; `MediaTypeMismatch` or `SizeMismatch`
   * when a manifest is not what its descriptor says; `ManifestInvalid` for absurd graphs.
   */
  fetch(descriptor: Descriptor, depth = 0): Promise<ManifestNode> {
    return this.#nodes.run(descriptor.digest, () => this.#fetchNode(descriptor, depth));
  }

  async #fetchNode(descriptor: Descriptor, depth: number): Promise<ManifestNode> {
    this.#admit(descriptor, depth);
    this.#bytes += descriptor.size;
    if (this.#bytes > maxBytes) throw absurd(descriptor);
    const asking = awaitedLater(this.#isPresent(descriptor.digest));
    const manifest = await this.#fetchManifest(descriptor);
    if (manifest === undefined) throw unknownMember(descriptor, this.#sides.from);
    const content = readManifest(manifest);
    const known = { manifest, members: content.manifests };
    // A root that has to be asked for is rarely there: its members need not wait for the answer.
    const early = depth === 0 ? awaitedLater(this.#fetchMembers(content.manifests, depth)) : undefined;
    if (await asking) return { ...known, children: [], blobs: [], present: true };
    const members = await (early ?? this.#fetchMembers(content.manifests, depth));
    return {
      ...known,
      children: members.filter((member) => "manifest" in member),
      blobs: [...content.blobs, ...members.filter((member) => "digest" in member)],
      present: false,
    };
  }

  #fetchMembers(members: readonly Descriptor[], depth: number): Promise<(ManifestNode | Descriptor)[]> {
    return allDone(members.map((member) => this.#fetchMember(member, depth + 1)));
  }

  /** A member of an index is a manifest, or, of a media type that we do not know, perhaps a blob (BuildKit's caches). */
  async #fetchMember(member: Descriptor, depth: number): Promise<ManifestNode | Descriptor> {
    if (isManifest(member.mediaType) || isSchema1(member.mediaType)) return this.fetch(member, depth);
    this.#admit(member, depth);
    const { from } = this.#sides;
    const known = await limited(this.#context, "source", (waiting) => from.resolve(member.digest, waiting));
    return known === undefined ? member : this.fetch({ ...member, mediaType: known.mediaType }, depth);
  }

  /** What is asked for is counted before it is asked for. */
  #admit(descriptor: Descriptor, depth: number): void {
    this.#count += 1;
    if (depth > maxDepth || this.#count > maxNodes) throw absurd(descriptor);
  }

  async #fetchManifest(descriptor: Descriptor): Promise<Manifest | undefined> {
    const { from, manifests = [] } = this.#sides;
    const read = manifests.find((manifest) => manifest.descriptor.digest === descriptor.digest);
    if (read !== undefined) return read;
    const manifest = await limited(this.#context, "source", (waiting) =>
      from.fetchManifest(descriptor.digest, waiting),
    );
    if (manifest !== undefined) checkAgainst(descriptor, manifest.descriptor);
    return manifest;
  }

  async #isPresent(digest: Digest): Promise<boolean> {
    const { to, present } = this.#sides;
    if (to === undefined) return false;
    const known = present?.get(digest);
    if (known !== undefined) return known;
    return (
      (await limited(this.#context, "destination", (waiting) => to.resolve(digest, waiting))) !== undefined
    );
  }
}

/** All nodes of a graph, children before parents, each digest once. */
export function nodesOf(root: ManifestNode): readonly ManifestNode[] {
  const found = new Map<Digest, ManifestNode>();
  const visit = (node: ManifestNode) => {
    if (found.has(node.manifest.descriptor.digest)) return;
    for (const child of node.children) visit(child);
    found.set(node.manifest.descriptor.digest, node);
  };
  visit(root);
  return [...found.values()];
}

/** Marks a promise whose failure is looked at later, or, when it no longer matters, never. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function checkAgainst(expected: Descriptor, found: Descriptor): void {
  if (found.mediaType !== expected.mediaType) {
    throw new PromoterError(
      "MediaTypeMismatch",
      `Refused manifest ${expected.digest}: its descriptor says ${expected.mediaType}, the registry ${found.mediaType}`,
      {
        hint: "Do not promote this image: registries and runtimes may read it as different things; build it anew",
      },
    );
  }
  if (found.size !== expected.size) {
    throw new PromoterError(
      "SizeMismatch",
      `Refused manifest ${expected.digest}: its descriptor says ${expected.size} bytes, the registry sent ${found.size}`,
      { hint: "Build and push the image again: its index does not fit its members" },
    );
  }
}

function unknownMember(descriptor: Descriptor, from: ContentReader): PromoterError {
  return new PromoterError(
    "ManifestUnknown",
    `Cannot find manifest ${describeDescriptor(descriptor)} in ${from.host}/${from.repository}`,
    {
      side: "source",
      hint: "Push the image again with all its platforms: a part of it has been deleted at the source",
    },
  );
}

function absurd(descriptor: Descriptor): PromoterError {
  return new PromoterError(
    "ManifestInvalid",
    `Refused the image at manifest ${descriptor.digest}: more than ${maxDepth} levels, ${maxNodes} manifests or ${maxBytes / 1024 ** 2} MiB of them`,
    { hint: "Split the index: no builder makes images like this" },
  );
}
