import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { placeProgram } from "../image/base.ts";
import type { BuildImageOptions } from "../image/build-image.ts";

/** Tells its release and stays until it is told to end; as a migration it ends by itself. */
const script = `echo "$RELEASE"
[ "$1" != migrate ] || exit 0
trap 'exit 0' TERM
sleep 86400 & wait
`;

const dockerfile = `FROM scratch
COPY root /
ARG RELEASE
ENV RELEASE=\${RELEASE} PATH=/bin
USER 65532
ENTRYPOINT ["/bin/sh", "/app.sh"]
`;

/**
 * Builds small images of apps that a Deployment can run, and pushes them to a registry.
 * @param names repositories with a tag; no two images are the same
 */
export async function pushApps(
  names: readonly string[],
  { builder, work, registry }: BuildImageOptions & { readonly registry: string },
): Promise<void> {
  const folder = join(work, "app");
  for (const name of ["sh", "sleep"])
    await placeProgram(join(folder, "root"), `/bin/${name}`, `/bin/${name}`);
  await writeFile(join(folder, "root/app.sh"), script);
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  for (const name of names) {
    const local = `localhost/${name}`;
    await builder.build(local, join(folder, "Dockerfile"), folder, ["--build-arg", `RELEASE=${name}`]);
    await builder.push(local, `${registry}/${name}`);
  }
}

/** The digest of an image in a registry that speaks plain HTTP; undefined when it is not there. */
export async function digestOfImage(image: string): Promise<string | undefined> {
  const { registry, repository, tag } = partsOf(image);
  const { statusCode, headers, body } = await request(
    `http://${registry}/v2/${repository}/manifests/${tag}`,
    {
      method: "HEAD",
      headers: { accept: `${mediaTypes.ociManifest}, ${mediaTypes.ociIndex}` },
    },
  );
  await body.dump();
  if (statusCode === 404) return undefined;
  if (statusCode !== 200) throw new Error(`The registry answered ${statusCode} for ${image}`);
  return String(headers["docker-content-digest"]);
}

/** Deletes an image from such a registry, as a lifecycle policy would. */
export async function deleteImage(image: string): Promise<void> {
  const { registry, repository } = partsOf(image);
  const digest = await digestOfImage(image);
  const { statusCode, body } = await request(`http://${registry}/v2/${repository}/manifests/${digest}`, {
    method: "DELETE",
  });
  await body.dump();
  if (statusCode !== 202) throw new Error(`The registry answered ${statusCode} to the deletion of ${image}`);
}

function partsOf(image: string) {
  const { host: registry, repository, tag } = parseReference(image);
  return { registry, repository, tag };
}
