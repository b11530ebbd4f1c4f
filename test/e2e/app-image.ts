import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { type BuildImageOptions, baseImage } from "../image/build-image.ts";

/** A program that tells its release and stays until it is told to end; as a migration it ends by itself. */
const program = `console.log(process.env.RELEASE);
if (process.argv[2] !== "migrate") setInterval(() => {}, 60_000);
process.on("SIGTERM", () => process.exit(0));
`;

const dockerfile = `FROM ${baseImage}
ARG RELEASE
ENV RELEASE=\${RELEASE}
COPY app.mjs /
ENTRYPOINT ["/nodejs/bin/node", "/app.mjs"]
`;

/** Builds an app that a Deployment can run, and pushes it to a registry as `name`, which is a repository with a tag. */
export async function pushRelease(
  name: string,
  { builder, work, registry }: BuildImageOptions & { readonly registry: string },
): Promise<void> {
  const folder = join(work, "app");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "app.mjs"), program);
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  const local = `localhost/${name}`;
  await builder.build(local, join(folder, "Dockerfile"), folder, ["--build-arg", `RELEASE=${name}`]);
  await builder.push(local, `${registry}/${name}`);
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
