import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextLink } from "../../job/registry/link-header.ts";

describe("nextLink", () => {
  it.each([
    ['</v2/app/tags/list?n=2&last=b>; rel="next"', "/v2/app/tags/list?n=2&last=b"],
    ["</v2/x>; rel=next", "/v2/x"],
    ['</a>; rel="prev", </b>; rel="next"', "/b"],
    ['</a>; title="x, y"; rel="prev next"', "/a"],
    ['<https://r.example/v2/x?a=1,2>;REL="Next"', "https://r.example/v2/x?a=1,2"],
    ['</a>; rel="prev"', undefined],
    ["</a>", undefined],
    ["rel=next", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("%j leads to %j", (header, expected) => {
    expect(nextLink(header)).toBe(expected);
  });

  it("finds any target that a header can carry, among other links", () => {
    const target = fc.stringMatching(/^[!-;=?-~]{1,60}$/);
    fc.assert(
      fc.property(target, target, (first, second) => {
        expect(nextLink(`<${first}>; rel="first", <${second}>; rel="next"`)).toBe(second);
      }),
    );
  });

  it("takes time in proportion to the header", () => {
    expect(nextLink(`<${"a".repeat(20_000)}${">; a".repeat(5_000)}`)).toBeUndefined();
    expect(nextLink("<".repeat(50_000))).toBeUndefined();
  });
});
