import type { Metadata } from "../config/metadata-file.ts";
import { PromoterError } from "../error.ts";
import { parsePlatform } from "../index-assembly/platform.ts";
import { filled, platformWords } from "../index-assembly/source-template.ts";
import { formatPlatform } from "../oci/platform.ts";

/** One image to build: a repository's for one architecture. */
export interface BuildTask {
  /** Unique in the workflow. */
  readonly name: string;
  readonly image: string;
  readonly platform: string;
  /** As nodes are labelled. */
  readonly architecture: string;
  readonly context: string;
  readonly dockerfile: string;
}

/** What Argo puts in for the tag that a workflow is started with. */
const tag = "{{workflow.parameters.tag}}";

/**
 * What there is to build, in the order of the file.
 *
 * @throws {PromoterError} `InvalidConfiguration` for anything but Linux.
 */
export function buildTasks({ registry, repositories }: Metadata): readonly BuildTask[] {
  return repositories.flatMap(({ name, architectures, source, context, dockerfile, origin }, position) =>
    architectures.map((written) => {
      const platform = parsePlatform(written);
      if (platform.os !== "linux") throw notBuilt(written, origin);
      const words = platformWords(platform);
      return {
        name: `build-${position + 1}-${slug(name)}-${words.platform.replace(/^linux-/, "")}`,
        image: `${registry}/${filled(source, { ...words, repository: name, tag })}`,
        platform: formatPlatform(platform),
        architecture: platform.architecture,
        context,
        dockerfile,
      };
    }),
  );
}

/** The indexes by the names that they are promoted to. */
export function promotedImages({ registry, repositories }: Metadata, to: string) {
  return {
    from: registry,
    to,
    images: repositories.map(
      (repository) =>
        `${to}/${repository.name}:${filled(repository.tag, { repository: repository.name, tag })}`,
    ),
  };
}

/** A repository's name as part of a task's; the number before it makes it unique. */
function slug(name: string): string {
  return name.replace(/[^a-z0-9]+/g, "-").slice(-80);
}

function notBuilt(platform: string, origin: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `${origin}: the workflow's builders build for Linux, not for ${platform}`,
    {
      hint: "Build that one elsewhere, and append it: image-promoter index append",
    },
  );
}
