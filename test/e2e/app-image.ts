import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { type BuildImageOptions, baseImage } from "../image/build-image.ts";

/** A server that tells its release, and ends when it is told to. */
const server = `import { createServer } from "node:http";
createServer((_, answer) => answer.end(process.env.RELEASE)).listen(8080);
process.on("SIGTERM", () => process.exit(0));
`;

const dockerfile = `FROM ${baseImage}
ARG RELEASE
ENV RELEASE=\${RELEASE}
COPY server.mjs /
ENTRYPOINT ["/nodejs/bin/node", "/server.mjs"]
`;

export interface AppImageOptions extends BuildImageOptions {
  /** Host and port. */
  readonly registry: string;
  readonly repository: string;
}

/** Builds one release of an app that a Deployment can run, and pushes it; gives the digest that the registry has. */
export async function pushRelease(tag: string, options: AppImageOptions): Promise<string> {
  const { builder, work, registry, repository } = options;
  const folder = join(work, "app");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "server.mjs"), server);
  await writeFile(join(folder, "Dockerfile"), dockerfile);
  const name = `localhost/app:${tag}`;
  await builder.build(name, join(folder, "Dockerfile"), folder, ["--build-arg", `RELEASE=${tag}`]);
  await builder.push(name, `${registry}/${repository}:${tag}`);
  const digest = await digestAt(registry, repository, tag);
  if (digest === undefined) throw new Error(`${registry}/${repository}:${tag} was pushed and is not there`);
  return digest;
}

/** The digest of a tag in a registry that speaks plain HTTP; undefined when it is not there. */
export async function digestAt(
  registry: string,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const { statusCode, headers, body } = await request(
    `http://${registry}/v2/${repository}/manifests/${tag}`,
    {
      method: "HEAD",
      headers: { accept: `${mediaTypes.ociManifest}, ${mediaTypes.ociIndex}` },
    },
  );
  await body.dump();
  if (statusCode === 404) return undefined;
  if (statusCode !== 200) throw new Error(`${registry} answered ${statusCode} for ${repository}:${tag}`);
  return String(headers["docker-content-digest"]);
}
