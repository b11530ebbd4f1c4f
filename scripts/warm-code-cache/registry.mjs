import { digestOf } from "./image.mjs";
import { listen } from "./loopback.mjs";

const missing = { status: 404 };

/**
 * Starts a registry on loopback: as much of the distribution specification as a promotion uses. It wants a token, which
 * anybody is given, and leads elsewhere for its blobs, as real ones do.
 * @param image what it holds already, under the tag `1`.
 */
export async function startRegistry(image) {
  const blobs = new Map(image?.blobs);
  const manifests = new Map(image?.manifests);
  const tags = new Map(image && [["1", image.digest]]);
  const uploads = new Map();

  const answers = {
    "GET token": () => ({ content: JSON.stringify({ token: "anybody", expires_in: 300 }) }),
    "GET storage": ({ id, headers }) => partOf(blobs.get(id), headers.range),
    "GET blobs": ({ id, host }) => ({ status: 307, headers: { location: `http://${host}/storage/${id}` } }),
    "HEAD blobs": ({ id }) => partOf(blobs.get(id)),
    "POST uploads": ({ path }) => {
      const location = `${path}${uploads.size}`;
      uploads.set(location, Buffer.alloc(0));
      return { status: 202, headers: { location } };
    },
    "PATCH uploads": ({ path, body }) => {
      const blob = Buffer.concat([uploads.get(path), body]);
      uploads.set(path, blob);
      return { status: 202, headers: { location: path, range: `0-${blob.length - 1}` } };
    },
    "PUT uploads": ({ path, query, body }) => {
      const blob = Buffer.concat([uploads.get(path), body]);
      blobs.set(digestOf(blob), blob);
      return { status: query.get("digest") === digestOf(blob) ? 201 : 400 };
    },
    "HEAD manifests": ({ id }) => manifestOf(id),
    "GET manifests": ({ id }) => manifestOf(id),
    "PUT manifests": ({ id, body }) => {
      const digest = digestOf(body);
      manifests.set(digest, body);
      if (id !== digest) tags.set(id, digest);
      const { subject } = JSON.parse(body);
      return { status: 201, headers: subject ? { "oci-subject": subject.digest } : {} };
    },
    "GET referrers": ({ id }) => {
      const found = [...manifests]
        .map(([digest, content]) => ({ digest, size: content.length, ...JSON.parse(content) }))
        .filter(({ subject }) => subject?.digest === id)
        .map(({ mediaType, artifactType, digest, size }) => ({ mediaType, artifactType, digest, size }));
      const mediaType = "application/vnd.oci.image.index.v1+json";
      const content = JSON.stringify({ schemaVersion: 2, mediaType, manifests: found });
      return { headers: { "content-type": mediaType }, content };
    },
  };

  const manifestOf = (id) => {
    const digest = tags.get(id) ?? id;
    const content = manifests.get(digest);
    if (content === undefined) return missing;
    const { mediaType } = JSON.parse(content);
    return { headers: { "content-type": mediaType, "docker-content-digest": digest }, content };
  };

  const { host, close } = await listen(({ method, url, headers }, body) => {
    const { pathname: path, searchParams: query } = new URL(url, `http://${headers.host}`);
    if (path.startsWith("/v2/") && headers.authorization === undefined) {
      const challenge = `Bearer realm="http://${headers.host}/token",service="registry",scope="repository:app:pull,push"`;
      return { status: 401, headers: { "www-authenticate": challenge } };
    }
    const [, resource = "", id] =
      /\/(token|storage|blobs(?=\/sha256:)|uploads|manifests|referrers)\/?([^/]*)$/.exec(path) ?? [];
    return (
      answers[`${method} ${resource}`]?.({ path, query, id, headers, body, host: headers.host }) ?? missing
    );
  });
  return {
    host,
    close,
    /** Whether it has all of an image, and all that refers to it. */
    holds: (wanted) =>
      tags.get("1") === wanted.digest &&
      [...wanted.manifests.keys()].every((digest) => manifests.has(digest)) &&
      [...wanted.blobs.keys()].every((digest) => blobs.has(digest)),
  };
}

/** A blob, or the range of it that is asked for. */
function partOf(blob, range) {
  if (blob === undefined) return missing;
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === undefined) return { content: blob, headers: { "accept-ranges": "bytes" } };
  const content = blob.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  const last = Number(from) + content.length - 1;
  return { status: 206, content, headers: { "content-range": `bytes ${from}-${last}/${blob.length}` } };
}
