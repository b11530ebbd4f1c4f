import { PromoterError } from "../error.ts";
import { formatReference, isTag, type Reference } from "../oci/reference.ts";
import { repositoryOf } from "../promotion/route.ts";
import type { CurrentImage, ImageVersion, TagPolicy } from "./application.ts";
import { newestBuild } from "./newest-build.ts";
import { type OfferedTag, offeredTags, runsOnAll } from "./offered-tag.ts";
import { type TagOrder, tagOrder } from "./tag-order.ts";
import type { TagRegistry } from "./tag-registry.ts";
import { tagVersion } from "./tag-version.ts";

/** What an image should be at. */
export interface FoundVersion {
  readonly version: ImageVersion;
  /** Why that is not the newest that there is. */
  readonly note?: string;
}

export interface Finding {
  readonly policy: TagPolicy;
  /** Where tags are looked for, in their order. */
  readonly sources: readonly Reference[];
  readonly current?: CurrentImage | undefined;
}

/**
 * Finds the version that an image should be at, by its policy. What stands there stays when it is newer than whatever
 * is found: lifecycle policies remove images, and nothing goes back because of that. What has a digest gets one.
 *
 * @throws {PromoterError} `NameUnknown` when there is no such repository; `ManifestUnknown` when no tag fits, or the tag
 * that is followed is not there; `Unsupported` when nobody knows how old images are.
 */
export async function findVersion(finding: Finding, registry: TagRegistry): Promise<FoundVersion> {
  const { policy, sources, current } = finding;
  if (policy.strategy === "digest") return { version: await followed(finding, registry) };
  const order = tagOrder(policy, current?.tag);
  const offers = (await offeredTags(sources, registry))
    .filter(({ tag }) => order.admits(tag))
    .sort((a, b) => order.newestFirst(a.tag, b.tag));
  const newest = await firstFitting(offers, policy, registry);
  if (newest === undefined) throw nothingFits(sources, policy, offers.length);
  if (current?.tag !== undefined && isAhead(current.tag, newest.tag, policy, order)) {
    const note = `${current.tag} is newer than the newest that was found, ${newest.tag}`;
    return { version: standing(current), note };
  }
  if (current?.tag === newest.tag && (current.digest !== undefined || !policy.pin))
    return { version: standing(current) };
  const isPinned = policy.pin || current?.digest !== undefined;
  return { version: isPinned ? await pinned(newest, registry) : { tag: newest.tag } };
}

async function firstFitting(
  offers: readonly OfferedTag[],
  { strategy, platforms }: TagPolicy,
  registry: TagRegistry,
): Promise<OfferedTag | undefined> {
  if (strategy === "newest-build") return newestBuild(offers, platforms, registry);
  if (platforms.length === 0) return offers[0];
  for (const offer of offers) {
    const digest = offer.digest ?? (await registry.digest(offer.repository, offer.tag));
    if (digest === undefined) continue;
    if (runsOnAll(await registry.facts(offer.repository, digest, platforms[0]), platforms))
      return { ...offer, digest };
  }
  return undefined;
}

/** By age nothing can be said of a tag that the registry does not have any more. */
function isAhead(current: string, newest: string, policy: TagPolicy, order: TagOrder): boolean {
  if (policy.strategy === "newest-build") return false;
  if (order.admits(current)) return order.newestFirst(current, newest) < 0;
  return isLaterPrerelease(current, newest, policy);
}

/** Where no constraint was written, nobody has said that a prerelease is to go back to what was before it. */
function isLaterPrerelease(current: string, newest: string, { strategy, versions }: TagPolicy): boolean {
  if (strategy !== "semver" || (versions !== undefined && versions.text.trim() !== "*")) return false;
  const [one, other] = [tagVersion(current, true), tagVersion(newest, true)];
  return one !== undefined && other !== undefined && one.prerelease.length > 0 && one.compare(other) > 0;
}

function standing({ tag, digest }: ImageVersion): ImageVersion {
  return { ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function noTag(text: string, current: CurrentImage | undefined): PromoterError {
  const where = current === undefined ? "" : ` at ${current.place}`;
  return new PromoterError(
    "InvalidInput",
    `Cannot follow ${JSON.stringify(text.slice(0, 150))}${where}: it is no tag`,
    {
      hint: "Name the tag to follow, or mend what is written there",
    },
  );
}

/** The digest of the tag that is followed. */
async function followed({ policy, sources, current }: Finding, registry: TagRegistry): Promise<ImageVersion> {
  const tag = policy.tag ?? current?.tag ?? "latest";
  if (!isTag(tag)) throw noTag(tag, current);
  for (const source of sources) {
    const digest = await registry.digest(source, tag);
    if (digest !== undefined) return { tag, digest };
  }
  const names = sources.map((source) => formatReference({ ...source, tag }));
  throw new PromoterError("ManifestUnknown", `There is no ${names.join(", nor ")}`, {
    hint: "Name the tag to follow, which has to be there, or choose a strategy that looks for tags",
  });
}

async function pinned({ repository, tag, digest }: OfferedTag, registry: TagRegistry): Promise<ImageVersion> {
  const found = digest ?? (await registry.digest(repository, tag));
  if (found !== undefined) return { tag, digest: found };
  throw new PromoterError(
    "ManifestUnknown",
    `There is no ${formatReference({ ...repository, tag })} any more`,
    {
      temporary: true,
      hint: "Run it again: the tag was removed while it was looked at",
    },
  );
}

function nothingFits(sources: readonly Reference[], policy: TagPolicy, admitted: number): PromoterError {
  const names = sources.map(repositoryOf).join(" and ");
  const { strategy, versions, platforms } = policy;
  if (admitted > 0) {
    return new PromoterError("ManifestUnknown", `No tag of ${names} is for ${platforms.join(" and ")}`, {
      hint: "Build the image for these platforms, or take platforms out of its rule",
    });
  }
  const constraint = versions === undefined ? "" : ` ${JSON.stringify(versions.text)}`;
  return new PromoterError("ManifestUnknown", `No tag of ${names} fits ${strategy}${constraint}`, {
    hint: "See which tags there are, and what the constraint and the patterns of tags leave of them",
  });
}
