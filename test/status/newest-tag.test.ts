import { describe, expect, it } from "vitest";
import { newestTag } from "../../job/status/newest-tag.ts";

const pushed = (tag: string, pushedAt: number) => ({ tag, pushedAt });
const signature = `sha256-${"a".repeat(64)}.sig`;

describe("the newest image of a registry", () => {
  it("is the last pushed where the registry tells when", () => {
    expect(newestTag([pushed("2.0.0", 1), pushed("1.9.1", 2)])?.tag).toBe("1.9.1");
    expect(newestTag([pushed("latest", 2), pushed("build-7", 2), pushed("1.0.0", 1)])?.tag).toBe("build-7");
    expect(newestTag([pushed("latest", 2), pushed("1.9.1", 2)])?.tag).toBe("1.9.1");
  });

  it("is the highest version where it does not", () => {
    expect(newestTag([{ tag: "1.9.0" }, { tag: "v1.10.0" }, { tag: "latest" }])?.tag).toBe("v1.10.0");
    expect(newestTag([{ tag: "main-1" }, { tag: "main-2" }])).toBeUndefined();
    expect(newestTag([{ tag: "main-1" }])?.tag).toBe("main-1");
  });

  it("is never a signature, nor anything where there is nothing", () => {
    expect(newestTag([pushed(signature, 9), pushed("1.0.0", 1)])?.tag).toBe("1.0.0");
    expect(newestTag([{ tag: signature }])).toBeUndefined();
    expect(newestTag([])).toBeUndefined();
  });
});
