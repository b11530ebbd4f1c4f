import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

/**
 * Starts a registry on loopback that keeps everything in memory: as much of the distribution specification as a
 * promotion uses. It wants a token, which anybody is given, and leads elsewhere for its blobs, as real ones do.
 */
export async function startRegistry() {
  const contents = { blobs: new Map(), manifests: new Map() };
  const uploads = new Map();
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://registry");
    const body = await buffer(request);
    const { host, authorization, range, "content-type": type } = request.headers;
    const { status = 200, headers = {}, content = "" } = answer();
    response.writeHead(status, { "content-length": content.length, ...headers });
    response.end(request.method === "HEAD" ? undefined : content);

    function answer() {
      if (pathname === "/token") return { content: JSON.stringify({ token: "anybody", expires_in: 300 }) };
      const [, storage] = /^\/storage\/(.+)$/.exec(pathname) ?? [];
      if (storage !== undefined) return part(contents.blobs.get(storage), range);
      if (authorization === undefined) {
        const challenge = `Bearer realm="http://${host}/token",service="registry",scope="repository:app:pull,push"`;
        return { status: 401, headers: { "www-authenticate": challenge } };
      }
      const [, kind, id] = /^\/v2\/.+\/(manifests|blobs|blobs\/uploads|referrers)\/([^/]*)$/.exec(pathname) ?? [];
      if (kind === "blobs/uploads") return upload(pathname, id);
      if (kind === "manifests") return request.method === "PUT" ? keepManifest(id) : manifest(id);
      if (kind === "referrers") return referrers(id);
      if (kind !== "blobs") return { status: pathname === "/v2/" ? 200 : 404 };
      const blob = contents.blobs.get(id);
      if (blob === undefined || request.method === "HEAD") return part(blob);
      return { status: 307, headers: { location: `http://${host}/storage/${id}` } };
    }

    function upload(path, id) {
      if (request.method === "POST") {
        const next = String(uploads.size + 1);
        uploads.set(next, []);
        return { status: 202, headers: { location: path + next } };
      }
      uploads.get(id).push(body);
      const blob = Buffer.concat(uploads.get(id));
      if (request.method === "PATCH")
        return { status: 202, headers: { location: path, range: `0-${blob.length - 1}` } };
      if (digestOf(blob) !== searchParams.get("digest")) return { status: 400 };
      contents.blobs.set(digestOf(blob), blob);
      return { status: 201 };
    }

    function keepManifest(id) {
      const kept = { content: body, headers: { "content-type": type, "docker-content-digest": digestOf(body) } };
      contents.manifests.set(id, kept).set(digestOf(body), kept);
      const { subject } = JSON.parse(body);
      return { status: 201, headers: subject === undefined ? {} : { "oci-subject": subject.digest } };
    }

    function manifest(id) {
      return contents.manifests.get(id) ?? { status: 404 };
    }

    function referrers(digest) {
      const manifests = [...contents.manifests]
        .filter(([id, { content }]) => id.startsWith("sha256:") && JSON.parse(content).subject?.digest === digest)
        .map(([id, { content }]) => {
          const { mediaType, artifactType } = JSON.parse(content);
          return { mediaType, artifactType, digest: id, size: content.length };
        });
      const mediaType = "application/vnd.oci.image.index.v1+json";
      const content = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
      return { headers: { "content-type": mediaType }, content };
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${server.address().port}`,
    /** Has an image that nobody pushed. */
    place({ blobs, manifests }, tag) {
      for (const { descriptor, content } of blobs) contents.blobs.set(descriptor.digest, content);
      for (const { descriptor, content } of manifests) {
        const { mediaType, digest } = descriptor;
        const kept = { content, headers: { "content-type": mediaType, "docker-content-digest": digest } };
        contents.manifests.set(digest, kept);
        if (mediaType.includes("index")) contents.manifests.set(tag, kept);
      }
    },
    /** Whether an image is here with all that it is made of and all that refers to it. */
    holds({ blobs, manifests, index }, tag) {
      return (
        contents.manifests.get(tag)?.headers["docker-content-digest"] === index.digest &&
        manifests.every(({ descriptor }) => contents.manifests.has(descriptor.digest)) &&
        blobs.every(({ descriptor }) => contents.blobs.has(descriptor.digest))
      );
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** A blob, or the range of it that is asked for. */
function part(blob, range) {
  if (blob === undefined) return { status: 404 };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === undefined) return { content: blob, headers: { "accept-ranges": "bytes" } };
  const content = blob.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  const last = Number(from) + content.length - 1;
  return { status: 206, content, headers: { "content-range": `bytes ${from}-${last}/${blob.length}` } };
}

function digestOf(content) {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
