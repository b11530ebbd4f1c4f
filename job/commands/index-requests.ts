import { type BuiltRepository, type Metadata, readMetadata } from "../config/metadata-file.ts";
import { PromoterError } from "../error.ts";
import { parsePlatform } from "../index-assembly/platform.ts";
import type { IndexRequest } from "../index-assembly/request.ts";
import { filled, platformWords } from "../index-assembly/source-template.ts";
import { parseReference } from "../oci/reference.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import type { Runtime } from "../runtime.ts";

/** What a metadata-multi.yaml is asked for. */
export interface MetadataWish {
  readonly file: string;
  readonly tag: string;
  /** Patterns of the repositories that are meant; all without one. */
  readonly repositories: readonly string[];
  readonly replace: boolean;
}

/**
 * The indexes that a metadata-multi.yaml describes.
 *
 * @throws {PromoterError} `InvalidConfiguration` when the file is wrong or cannot be read; `Usage` when a pattern fits
 * no repository; `InvalidReference` when a template gives no image.
 */
export async function metadataRequests(
  { file, tag, repositories, replace }: MetadataWish,
  { readFile }: Pick<Runtime, "readFile">,
): Promise<readonly IndexRequest[]> {
  const metadata = readMetadata(await readText(file, readFile), file);
  const fits = (name: string) => (pattern: string) => matchesWildcard(pattern, name);
  const idle = repositories.find((pattern) => !metadata.repositories.some(({ name }) => fits(name)(pattern)));
  if (idle !== undefined) {
    throw new PromoterError("Usage", `No repository of ${file} fits ${JSON.stringify(idle)}`, {
      hint: `They are: ${metadata.repositories.map(({ name }) => name).join(", ")}`,
    });
  }
  return metadata.repositories
    .filter(({ name }) => repositories.length === 0 || repositories.some(fits(name)))
    .map((repository) => ({ ...requestOf(repository, metadata, tag), replace }));
}

/** @throws {PromoterError} `InvalidConfiguration` when the file cannot be read. */
export async function readText(file: string, readFile: Runtime["readFile"]): Promise<string> {
  try {
    return await readFile(file);
  } catch (cause) {
    const reason = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown reason";
    throw new PromoterError("InvalidConfiguration", `Cannot read the metadata file ${file}: ${reason}`, {
      cause,
      hint: "Check the path of --metadata, and that the file may be read",
    });
  }
}

function requestOf(
  repository: BuiltRepository,
  { registry }: Metadata,
  tag: string,
): Omit<IndexRequest, "replace"> {
  const { name, architectures, format, annotations, origin } = repository;
  const common = { repository: name, tag };
  return {
    target: indexReference(`${registry}/${name}:${filled(repository.tag, common)}`),
    sources: architectures.map((written) => {
      const expected = parsePlatform(written);
      const image = filled(repository.source, { ...common, ...platformWords(expected) });
      return { reference: parseReference(`${registry}/${image}`), expected };
    }),
    format,
    annotations: Object.fromEntries(
      Object.entries(annotations).map(([key, value]) => [key, filled(value, common)]),
    ),
    append: false,
    origin,
  };
}

/**
 * The image that an index goes to.
 *
 * @throws {PromoterError} `InvalidReference`, also when it has a digest: that is not known before.
 */
export function indexReference(text: string): IndexRequest["target"] {
  const { host, repository, tag, digest } = parseReference(text);
  if (digest === undefined && tag !== undefined) return { host, repository, tag };
  throw new PromoterError("InvalidReference", `An index goes to a tag, and ${text} has a digest`, {
    hint: "Name it without its digest: registry.example.com/team/app:1.2",
  });
}
