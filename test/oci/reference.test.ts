import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatReference, parseReference, type Reference } from "../../job/oci/reference.ts";

const sha256 = `sha256:${"a1".repeat(32)}` as const;
const sha512 = `sha512:${"0f".repeat(64)}` as const;

describe("parseReference", () => {
  it.each<[string, Reference]>([
    ["nginx", { host: "docker.io", repository: "library/nginx", tag: "latest" }],
    ["nginx:1.27", { host: "docker.io", repository: "library/nginx", tag: "1.27" }],
    ["index.docker.io/nginx:1.27", { host: "docker.io", repository: "library/nginx", tag: "1.27" }],
    ["bitnami/redis", { host: "docker.io", repository: "bitnami/redis", tag: "latest" }],
    ["localhost/app:1", { host: "localhost", repository: "app", tag: "1" }],
    ["localhost:5000/app", { host: "localhost:5000", repository: "app", tag: "latest" }],
    ["127.0.0.1:5000/team/app:v1", { host: "127.0.0.1:5000", repository: "team/app", tag: "v1" }],
    ["[::1]:5000/app:1", { host: "[::1]:5000", repository: "app", tag: "1" }],
    ["[2001:db8::1]/app", { host: "[2001:db8::1]", repository: "app", tag: "latest" }],
    ["ghcr.io/a/b/c/d:1", { host: "ghcr.io", repository: "a/b/c/d", tag: "1" }],
    ["ghcr.io/a__b/c--d.e_f:1", { host: "ghcr.io", repository: "a__b/c--d.e_f", tag: "1" }],
    ["Registry/app:1", { host: "Registry", repository: "app", tag: "1" }],
    ["localhost:5000", { host: "docker.io", repository: "library/localhost", tag: "5000" }],
    [`host.test/app@${sha256}`, { host: "host.test", repository: "app", digest: sha256 }],
    [`host.test/app:1@${sha256}`, { host: "host.test", repository: "app", tag: "1", digest: sha256 }],
    [
      `host.test:443/app:_x.Y-z@${sha512}`,
      { host: "host.test:443", repository: "app", tag: "_x.Y-z", digest: sha512 },
    ],
    [
      "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:1",
      { host: "111122223333.dkr.ecr.eu-west-1.amazonaws.com", repository: "team/app", tag: "1" },
    ],
    [
      `h.test/${"a".repeat(248)}:${"t".repeat(128)}`,
      { host: "h.test", repository: "a".repeat(248), tag: "t".repeat(128) },
    ],
  ])("%s", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  it.each([
    ["", "repository name"],
    ["host.test/", "repository name"],
    ["host.test/App:1", "repository name"],
    ["host.test/a//b:1", "repository name"],
    ["host.test/a/../b:1", "repository name"],
    ["host.test/-a:1", "repository name"],
    ["host.test/a.:1", "repository name"],
    ["host.test/a___b:1", "repository name"],
    ["host.test/a:", "tag"],
    ["host.test/a:.1", "tag"],
    ["host.test/a:1+2", "tag"],
    [`host.test/a:${"t".repeat(129)}`, "tag"],
    ["host.test/a@sha256:abc", "digest"],
    [`host.test/a@sha256:${"A1".repeat(32)}`, "digest"],
    [`host.test/a@md5:${"a".repeat(32)}`, "digest"],
    [`host.test/a@${sha256}@${sha256}`, "digest"],
    ["host..test/a:1", "host"],
    ["-host.test/a:1", "host"],
    ["host.test:123456/a:1", "host"],
    ["[::1/a:1", "host"],
    [`h.test/${"a".repeat(249)}:1`, "255"],
    ["host.test/a b:1", "repository name"],
    ["https://host.test/a:1", "scheme"],
    ["host.test/a:1\n", "tag"],
  ])("refuses %j and says that the %s is wrong", (text, part) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: "InvalidReference",
        message: expect.stringContaining(part),
        hint: expect.any(String),
      }),
    );
  });

  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const component = fc
    .tuple(word, fc.constantFrom(".", "_", "__", "-", "---"), word)
    .map((parts) => parts.join(""));
  const host = fc.oneof(
    fc.tuple(word, word, fc.integer({ min: 1, max: 65_535 })).map(([a, b, port]) => `${a}.${b}:${port}`),
    fc.constantFrom("localhost", "[::1]:5000", "127.0.0.1:5000", "ghcr.io"),
  );
  const reference = fc.record(
    {
      host,
      repository: fc
        .array(fc.oneof(word, component), { minLength: 1, maxLength: 4 })
        .map((parts) => parts.join("/")),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/),
      digest: fc.constantFrom(sha256, sha512),
    },
    { requiredKeys: ["host", "repository", "tag"] },
  );

  it("reads back whatever formatReference writes", () => {
    fc.assert(
      fc.property(reference, (value) => {
        expect(parseReference(formatReference(value))).toEqual(value);
      }),
    );
  });

  it("answers any text with a reference or InvalidReference, in linear time", () => {
    const hostile = [
      `${"a".repeat(50_000)}!`,
      `h.test/${"a-".repeat(50_000)}`,
      `h.test/${"a__".repeat(30_000)}:`,
    ];
    for (const text of hostile) {
      const started = performance.now();
      expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "InvalidReference" }));
      expect(performance.now() - started).toBeLessThan(1_000);
    }
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        try {
          parseReference(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "InvalidReference" });
        }
      }),
    );
  });
});
