import { parsePlatform } from "../index-assembly/platform.ts";
import { formatPlatform } from "../oci/platform.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { matchesWildcard } from "../oci/wildcard.ts";
import { linearExpression } from "../replication/linear-expression.ts";
import type { TagPolicy, UpdatedImage, UpdateSubject, UpdateTarget } from "../update/application.ts";
import { treePath } from "../update/tree-path.ts";
import { versionConstraint } from "../update/version-constraint.ts";
import type { PromoterConfiguration } from "./schema.ts";
import type {
  WrittenApplication,
  WrittenTarget,
  WrittenUpdate,
  WrittenUpdatedImage,
} from "./update-schema.ts";

type Defaults = NonNullable<WrittenUpdate["defaults"]>;

/** The applications of a configuration whose images are kept up to date, in their order; none where it has none. */
export function updateApplications(
  configuration: Pick<PromoterConfiguration, "update" | "source"> | undefined,
): readonly UpdateSubject[] {
  const { applications = [], defaults = {} } = configuration?.update ?? {};
  return applications.map((written) => readApplication(written, defaults, configuration?.source ?? ""));
}

function readApplication(written: WrittenApplication, defaults: Defaults, file: string): UpdateSubject {
  const { name, repository, branch, writeBranch, images } = written;
  const path = treePath("", written.path ?? "");
  return {
    name,
    origin: file,
    source: {
      repository,
      path,
      ...(branch !== undefined && { branch }),
      ...(writeBranch !== undefined && { writeBranch }),
    },
    images: images.map((image) => readImage({ ...defaults, ...image }, path)),
    broken: [],
    warnings: [],
  };
}

function readImage(written: WrittenUpdatedImage, folder: string): UpdatedImage {
  const { image: text, alias, from, write } = written;
  const image = untagged(text);
  const name = nameIn(text);
  const targets = write ?? [{ kustomization: "." }];
  return {
    alias: alias ?? image.repository.slice(image.repository.lastIndexOf("/") + 1),
    image,
    name,
    ...(from !== undefined && { sources: [from].flat().map(untagged) }),
    policy: readPolicy(written),
    targets: targets.map((target) => readTarget(target, folder, name)),
  };
}

function readPolicy(written: WrittenUpdatedImage): TagPolicy {
  const { strategy = "semver", constraint = "*", prerelease = false, partialVersions = false } = written;
  const { tag, allow, ignore = [], platforms = [], pin = false } = written;
  return {
    strategy,
    ...(strategy === "semver" && {
      versions: versionConstraint(constraint, { prerelease, lenient: partialVersions }),
    }),
    ...(strategy === "digest" && tag !== undefined && { tag }),
    ...(allow !== undefined && { allow: linearExpression(allow) }),
    ignore: ignore.map((pattern) => ({ matches: (text: string) => matchesWildcard(pattern, text) })),
    platforms: platforms.map((platform) => formatPlatform(parsePlatform(platform))),
    pin,
  };
}

function readTarget(written: WrittenTarget, folder: string, image: string): UpdateTarget {
  if ("kustomization" in written) {
    const { kustomization, name = image } = written;
    return { kind: "kustomization", path: treePath(folder, kustomization), name };
  }
  if ("values" in written) {
    const { values, image: whole, name, tag = "" } = written;
    const fields = whole === undefined ? { tag, ...(name !== undefined && { name }) } : { image: whole };
    return { kind: "values", path: treePath(folder, values), fields };
  }
  if ("file" in written) {
    const path = treePath(folder, written.file);
    if (written.field === undefined) return { kind: "manifest", path, name: image };
    return { kind: "field", path, field: written.field, name: image };
  }
  return { kind: "marker", path: treePath(folder, written.in ?? "."), name: written.marker };
}

function untagged(text: string): Reference {
  const { host, repository } = parseReference(text);
  return { host, repository };
}

/** An image as it is written, without tag and digest: `nginx` stays `nginx`. */
function nameIn(text: string): string {
  const [name = text] = text.split("@", 1);
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
