import { describe, expect, it } from "vitest";
import { behindOf } from "../../job/status/behind.ts";
import type { ImageState } from "../../job/status/environment-status.ts";

const state = (tag: string | undefined, digest?: string): ImageState => ({
  image: `registry.example/app:${tag}`,
  ...(tag !== undefined && { tag }),
  ...(digest !== undefined && { digest }),
  namedBy: "manifests",
  drift: [],
});
const behind = (ours: readonly ImageState[], theirs: readonly ImageState[]) =>
  behindOf(ours, "staging", { images: theirs })?.order;

describe("how a module stands to where it is promoted from", () => {
  it.each([
    ["1.4.0", "1.5.0", "older"],
    ["1.10.0", "1.9.0", "newer"],
    ["v1.4.0", "1.4.1", "older"],
    ["2.0.0-rc.1", "2.0.0", "older"],
    ["main-1", "main-2", "other"],
    ["latest", "1.4.0", "other"],
    ["1.4.0", "1.4.0", undefined],
  ])("%s beside %s: %s", (ours, theirs, order) => {
    expect(behind([state(ours)], [state(theirs)])).toBe(order);
  });

  it("goes by content where both digests are known", () => {
    expect(behind([state("1.4.0", "sha256:a")], [state("release", "sha256:a")])).toBeUndefined();
    expect(behind([state("latest", "sha256:a")], [state("latest", "sha256:b")])).toBe("other");
    expect(behind([state(undefined, "sha256:a")], [state(undefined, "sha256:b")])).toBe("other");
  });

  it("takes the newest of several, and nothing for nothing", () => {
    expect(behind([state("1.3.0"), state("1.4.0")], [state("1.4.0"), state("1.2.0")])).toBeUndefined();
    expect(behind([state("1.3.0")], [state("1.2.0"), state("1.4.0")])).toBe("older");
    expect(behind([], [state("1.4.0")])).toBeUndefined();
    expect(behind([state("1.4.0")], [])).toBeUndefined();
    expect(behindOf([state("1.4.0")], "staging", undefined)).toBeUndefined();
  });
});
