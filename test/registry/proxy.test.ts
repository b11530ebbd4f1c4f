import { describe, expect, it } from "vitest";
import { proxiesOf } from "../../job/registry/proxy.ts";
import { everythingOf } from "./everything.ts";

const proxy = "http://proxy.example:3128";

function chosen(env: Record<string, string>, url: string): string | undefined {
  return proxiesOf(env)(new URL(url))?.origin;
}

describe("proxiesOf", () => {
  it.each<[Record<string, string>, string, string | undefined]>([
    [{}, "https://r.example", undefined],
    [{ HTTPS_PROXY: proxy }, "https://r.example", proxy],
    [{ https_proxy: proxy }, "https://r.example", proxy],
    [{ https_proxy: proxy, HTTPS_PROXY: "http://other.example" }, "https://r.example", proxy],
    [{ https_proxy: "", HTTPS_PROXY: proxy }, "https://r.example", proxy],
    [{ HTTPS_PROXY: "proxy.example:3128" }, "https://r.example", proxy],
    [{ HTTPS_PROXY: "https://proxy.example" }, "https://r.example", "https://proxy.example"],
    [{ HTTPS_PROXY: proxy }, "http://r.example", undefined],
    [{ HTTP_PROXY: proxy }, "http://r.example", proxy],
    [{ HTTP_PROXY: proxy }, "https://r.example", undefined],
    [{ HTTPS_PROXY: proxy }, "https://localhost:5000", undefined],
    [{ HTTPS_PROXY: proxy }, "https://127.0.0.1:5000", undefined],
    [{ HTTPS_PROXY: proxy }, "https://[::1]:5000", undefined],
  ])("with %j goes to %s through %s", (env, url, expected) => {
    expect(chosen(env, url)).toBe(expected);
  });

  it.each<[string, string, boolean]>([
    ["r.example", "https://r.example", true],
    ["r.example", "https://R.example.", true],
    ["R.EXAMPLE.", "https://r.example", true],
    ["r.example", "https://sub.r.example", true],
    ["r.example", "https://other-r.example", false],
    [".r.example", "https://sub.r.example", true],
    [".r.example", "https://r.example", true],
    ["*.r.example", "https://sub.r.example", true],
    ["*.r.example", "https://r.example", false],
    ["a.example, b.example", "https://b.example", true],
    ["a.example b.example", "https://b.example", true],
    ["*", "https://r.example", true],
    ["a.example,*", "https://r.example", true],
    ["*:8443", "https://r.example:8443", true],
    ["*:8443", "https://r.example", false],
    ["r.example:443", "https://r.example", true],
    ["r.example:8443", "https://r.example", false],
    ["r.example:8443", "https://r.example:8443", true],
    ["10.1.2.3", "https://10.1.2.3", true],
    ["10.1.2.3", "https://10.1.2.30", false],
    ["2.3", "https://10.1.2.3", false],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/33", "https://10.1.2.3", false],
    ["fd00::/8", "https://[fd12::1]", true],
    ["fd12::1", "https://[fd12::1]", true],
    ["[fd12::1]", "https://[fd12::1]:8443", true],
    ["[fd12::1]:443", "https://[fd12::1]:8443", false],
    ["", "https://r.example", false],
    [",", "https://r.example", false],
    [".", "https://r.example", false],
  ])("with NO_PROXY=%j reaches %s without a proxy: %s", (exceptions, url, expected) => {
    expect(chosen({ HTTPS_PROXY: proxy, NO_PROXY: exceptions }, url)).toBe(expected ? undefined : proxy);
    expect(chosen({ HTTPS_PROXY: proxy, no_proxy: exceptions }, url)).toBe(expected ? undefined : proxy);
  });

  it.each([
    "socks5://user:c4n4ry@proxy.example",
    "http://user:c4n4ry@",
    "http://user:c4n4ry@proxy.example:port",
    "http://user:c4n4ry%@proxy.example",
  ])("refuses a proxy that it cannot use, and keeps its password to itself", (address) => {
    let error: unknown;
    try {
      proxiesOf({ HTTPS_PROXY: address });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: "InvalidConfiguration", hint: expect.any(String) });
    expect(everythingOf(error)).not.toContain("c4n4ry");
  });
});
