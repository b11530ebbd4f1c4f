import { type Digest, digestOf } from "../../job/oci/digest.ts";
import { blobBytes } from "../emulator/blob.ts";
import { documentOf } from "../emulator/manifest-document.ts";
import type { Repository } from "../emulator/repository.ts";
import type { LoggedRequest } from "../emulator/request-log.ts";
import { rootDigest } from "../fixtures/image-fixture.ts";
import { prodAccount } from "../scenarios/two-accounts.ts";
import { type FleetImage, manifestsOf, standing, tagsOf } from "./fleet.ts";

type Repositories = ReadonlyMap<string, Repository>;

/** What tags lead to that is missing or is not what its digest says. Nothing in a registry that is consistent. */
export function tornTags(repositories: Repositories): readonly string[] {
  const torn: string[] = [];
  for (const repository of repositories.values()) {
    for (const [tag, root] of repository.imageTags) {
      torn.push(...tornBelow(repository, root).map((what) => `${repository.name}:${tag}: ${what}`));
    }
  }
  return torn;
}

function tornBelow(repository: Repository, digest: Digest): readonly string[] {
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) return [`manifest ${digest} is missing`];
  if (digestOf(manifest.bytes) !== digest) return [`manifest ${digest} has other bytes`];
  const { children, blobs } = documentOf(manifest);
  const broken = blobs.flatMap((blob) => brokenBlob(repository, blob));
  return [...broken, ...children.flatMap((child) => tornBelow(repository, child))];
}

function brokenBlob({ blobs }: Repository, digest: Digest): readonly string[] {
  const blob = blobs.get(digest);
  if (blob === undefined) return [`blob ${digest} is missing`];
  return digestOf(blobBytes(blob)) === digest ? [] : [`blob ${digest} has other bytes`];
}

/** What stands in a registry at one time. */
export interface Inventory {
  /** `repository:tag` with what it stands for. */
  readonly tags: ReadonlyMap<string, string>;
  /** `repository@digest` of manifests. */
  readonly manifests: ReadonlySet<string>;
  /** `repository@digest` of blobs. */
  readonly blobs: ReadonlySet<string>;
}

export function takeStock(repositories: Repositories): Inventory {
  const all = [...repositories.values()];
  return {
    tags: new Map(
      all.flatMap(({ name, imageTags }) =>
        [...imageTags].map(([tag, digest]) => [`${name}:${tag}`, digest] as const),
      ),
    ),
    manifests: new Set(
      all.flatMap(({ name, manifests }) => [...manifests.keys()].map((digest) => `${name}@${digest}`)),
    ),
    blobs: new Set(all.flatMap(({ name, blobs }) => [...blobs.keys()].map((digest) => `${name}@${digest}`))),
  };
}

/** What was there before and is not now, or is another. The one tag that is to move may have. */
export function lostOrChanged(before: Inventory, after: Inventory): readonly string[] {
  const mayMove = (name: string, digest: string | undefined) =>
    name === "team/moving:stable" && digest === rootDigest(standing.moved);
  const tags = [...before.tags]
    .filter(([name, digest]) => after.tags.get(name) !== digest && !mayMove(name, after.tags.get(name)))
    .map(([name]) => name);
  return [
    ...tags,
    ...[...before.manifests].filter((name) => !after.manifests.has(name)),
    ...[...before.blobs].filter((name) => !after.blobs.has(name)),
  ];
}

/** What images still lack: tags, manifests and what is attached. */
export function stillWanted(
  images: readonly FleetImage[],
  { tags, manifests }: Inventory,
): readonly string[] {
  return images.flatMap((image) => {
    const { repository } = image;
    const wantedTags = [...tagsOf(image)].filter(
      ([tag, digest]) => tags.get(`${repository}:${tag}`) !== digest,
    );
    const wantedManifests = manifestsOf(image).map((digest) => `${repository}@${digest}`);
    return [
      ...wantedTags.map(([tag]) => `${repository}:${tag}`),
      ...wantedManifests.filter((name) => !manifests.has(name)),
    ];
  });
}

/** Writes of a run that sent what was there before, or sent it more than once. */
export function sentInVain(before: Inventory, requests: readonly LoggedRequest[]): readonly string[] {
  const done = new Set<string>();
  return writesOf(requests).filter((write) => {
    const repeated = done.has(write);
    done.add(write);
    const [name = ""] = write.split(" ");
    return repeated || before.blobs.has(name) || before.manifests.has(name);
  });
}

/** What a run put: blobs and manifests as `repository@digest`, tags as `repository:tag`. */
export function writesOf(requests: readonly LoggedRequest[]): readonly string[] {
  return requests.flatMap(({ account, kind, status, path, repository }) => {
    if (account !== prodAccount || status !== 201) return [];
    const url = new URL(path, "http://prod");
    if (kind === "upload-finish") return [`${repository}@${url.searchParams.get("digest")}`];
    if (kind !== "manifest-put") return [];
    const target = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
    return [`${repository}${target.includes(":") ? "@" : ":"}${target}`];
  });
}

/** Bytes of blobs that production was sent. */
export function bytesSent(requests: readonly LoggedRequest[]): number {
  return requests
    .filter(({ account, kind }) => account === prodAccount && kind.startsWith("upload-"))
    .reduce((sum, { bytesIn }) => sum + bytesIn, 0);
}

/** Uploads that were begun, neither completed nor given up. */
export function openUploads(repositories: Repositories): number {
  return [...repositories.values()].reduce((sum, { uploads }) => sum + uploads.size, 0);
}
