import fc from "fast-check";

/** Canonical image names: a host, a path and a tag, a digest or both. */
export function imageText(): fc.Arbitrary<string> {
  const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,4})?$/);
  const host = fc.constantFrom(
    "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
    "localhost:5000",
    "a.b",
    "[::1]:5000",
  );
  const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const tag = fc.stringMatching(/^[\w][\w.-]{0,20}$/).map((text) => `:${text}`);
  const digest = fc.stringMatching(/^[a-f0-9]{64}$/).map((hex) => `@sha256:${hex}`);
  const target = fc.oneof(
    tag,
    digest,
    fc.tuple(tag, digest).map((both) => both.join("")),
  );
  return fc.tuple(host, path, target).map(([h, p, t]) => `${h}/${p}${t}`);
}
