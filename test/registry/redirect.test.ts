import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  followRedirect,
  maxHops,
  mayCarryCredentials,
  resolveOnOrigin,
} from "../../job/registry/redirect.ts";
import { everythingOf } from "./everything.ts";

const origin = new URL("https://registry.example");
const from = new URL("https://registry.example/v2/a/blobs/sha256:ab");

function refusal(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("followRedirect", () => {
  it.each([
    ["https://s3.example/x?X-Amz-Signature=y", "https://s3.example/x?X-Amz-Signature=y"],
    ["/elsewhere", "https://registry.example/elsewhere"],
    ["//cdn.example/x", "https://cdn.example/x"],
    ["?again=1", "https://registry.example/v2/a/blobs/sha256:ab?again=1"],
    ["https://s3.example/x#part", "https://s3.example/x"],
  ])("follows %s", (location, expected) => {
    expect(followRedirect({ from, location, origin, hop: 1 }).href).toBe(expected);
  });

  it.each([
    ["from https to http", "http://s3.example/x?c4n4ry"],
    ["to itself", "https://registry.example/v2/a/blobs/sha256:ab"],
    ["to itself, but for the fragment", "#c4n4ry"],
    ["to a user", "https://c4n4ry@s3.example/"],
    ["to a password", "https://:c4n4ry@s3.example/"],
    ["to a file", "file:///etc/passwd"],
    ["to data", "data:text/plain,c4n4ry"],
    ["to what is no address", "https://c4n4ry:port/"],
  ])("refuses what leads %s", (_name, location) => {
    const error = refusal(() => followRedirect({ from, location, origin, hop: 1 }));
    expect(error).toMatchObject({ code: "RedirectRefused", temporary: false, hint: expect.any(String) });
    expect(everythingOf(error)).not.toContain("c4n4ry");
  });

  it("refuses http once the registry spoke https, wherever the redirect came from", () => {
    const plain = new URL("http://s3.example/x");
    expect(refusal(() => followRedirect({ from: plain, location: "/y", origin, hop: 2 }))).toMatchObject({
      code: "RedirectRefused",
    });
  });

  it("lets a plain registry lead to either scheme", () => {
    const local = new URL("http://127.0.0.1:5000");
    const at = new URL("http://127.0.0.1:5000/v2/");
    expect(
      followRedirect({ from: at, location: "http://127.0.0.1:9000/x", origin: local, hop: 1 }).port,
    ).toBe("9000");
    expect(
      followRedirect({ from: at, location: "https://s3.example/x", origin: local, hop: 1 }).protocol,
    ).toBe("https:");
  });

  it(`ends after ${maxHops} redirects`, () => {
    expect(followRedirect({ from, location: "/x", origin, hop: maxHops }).pathname).toBe("/x");
    expect(refusal(() => followRedirect({ from, location: "/x", origin, hop: maxHops + 1 }))).toMatchObject({
      code: "RedirectRefused",
    });
  });

  it("gives an http(s) address without a user, or refuses, whatever the registry says", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (location) => {
        const refused = refusal(() => {
          const { protocol, username, password } = followRedirect({ from, location, origin, hop: 1 });
          expect([protocol, username, password]).toEqual(["https:", "", ""]);
        });
        if (refused !== undefined) expect(refused).toMatchObject({ code: "RedirectRefused" });
      }),
    );
  });
});

describe("mayCarryCredentials", () => {
  it.each([
    ["https://registry.example/other", true],
    ["https://registry.example:443/other", true],
    ["https://REGISTRY.example/other", true],
    ["https://registry.example:8443/", false],
    ["http://registry.example/", false],
    ["https://sub.registry.example/", false],
    ["https://registry.example.evil.example/", false],
    ["https://registry.example./", false],
    ["https://evil.example/?https://registry.example", false],
  ])("says of %s: %s", (target, expected) => {
    expect(mayCarryCredentials(new URL(target), origin)).toBe(expected);
  });
});

describe("resolveOnOrigin", () => {
  it.each([
    ["/v2/a/blobs/uploads/1?state=x", "https://registry.example/v2/a/blobs/uploads/1?state=x"],
    ["https://registry.example:443/v2/", "https://registry.example/v2/"],
  ])("takes %s", (location, expected) => {
    expect(resolveOnOrigin({ from, location, origin }).href).toBe(expected);
  });

  it.each([
    "http://registry.example/v2/",
    "https://other.example/v2/",
    "//other.example/",
    "https://registry.example:8443/",
    "https://name:c4n4ry@registry.example/",
    "http://127.0.0.1:1/",
  ])("refuses %s", (location) => {
    const error = refusal(() => resolveOnOrigin({ from, location, origin }));
    expect(error).toMatchObject({ code: "RedirectRefused" });
    expect(everythingOf(error)).not.toContain("c4n4ry");
  });
});
