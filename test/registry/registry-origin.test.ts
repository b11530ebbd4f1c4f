import { describe, expect, it } from "vitest";
import { originOf, resolveOnRegistry } from "../../job/registry/registry-origin.ts";

describe("originOf", () => {
  it.each([
    [{ host: "registry.example" }, "https://registry.example"],
    [{ host: "registry.example:5000" }, "https://registry.example:5000"],
    [{ host: "registry.example", plainHttp: true }, "http://registry.example"],
    [{ host: "localhost:5000" }, "http://localhost:5000"],
    [{ host: "127.8.9.1" }, "http://127.8.9.1"],
    [{ host: "[::1]:5000" }, "http://[::1]:5000"],
    [{ host: "kind.localhost" }, "http://kind.localhost"],
    [{ host: "localhost:5000", plainHttp: false }, "https://localhost:5000"],
    [{ host: "docker.io" }, "https://registry-1.docker.io"],
    [{ host: "localhost.example" }, "https://localhost.example"],
  ])("%j is at %s", (options, expected) => {
    expect(originOf(options).endpoint.origin).toBe(expected);
  });

  it("connects to the endpoint and keeps the registry's own name", () => {
    const origin = originOf({ host: "r.example", endpoint: new URL("http://127.0.0.1:4566/ignored") });
    expect(origin.endpoint.href).toBe("http://127.0.0.1:4566/");
    expect(origin.name.href).toBe("http://r.example/");
  });
});

describe("resolveOnRegistry", () => {
  const plain = originOf({ host: "r.example" });
  const standIn = originOf({ host: "r.example", endpoint: new URL("http://127.0.0.1:4566") });
  const from = (origin: typeof plain) => new URL("/v2/app/blobs/uploads/", origin.endpoint);

  it.each([
    [plain, "/v2/app/blobs/uploads/1?a=b%2Fc&d", "https://r.example/v2/app/blobs/uploads/1?a=b%2Fc&d"],
    [plain, "2", "https://r.example/v2/app/blobs/uploads/2"],
    [plain, "https://r.example:443/x", "https://r.example/x"],
    [standIn, "http://r.example/x?y=1", "http://127.0.0.1:4566/x?y=1"],
    [standIn, "/x", "http://127.0.0.1:4566/x"],
  ])("%# %s", (origin, location, expected) => {
    expect(resolveOnRegistry(origin, location, from(origin)).href).toBe(expected);
  });

  it.each([
    [plain, "http://r.example/x"],
    [plain, "https://other.example/x"],
    [plain, "https://r.example:8443/x"],
    [plain, "//other.example/x"],
    [plain, "https://user:secret@r.example/x"],
    [plain, "ftp://r.example/x"],
    [standIn, "http://127.0.0.1:4567/x"],
    [standIn, "http://user@r.example/x"],
  ])("%# refuses %s", (origin, location) => {
    expect(() => resolveOnRegistry(origin, location, from(origin))).toThrow(
      expect.objectContaining({ code: "RedirectRefused" }),
    );
  });
});
