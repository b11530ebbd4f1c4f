import { describe, expect, it } from "vitest";
import { differs, environmentDiff } from "../../job/comparison/environment-diff.ts";
import type { FoundImage } from "../../job/comparison/find-image.ts";

const [one, two] = ["1", "2"].map((digit) => `sha256:${digit.repeat(64)}`);
const error = { code: "Denied", message: "no", temporary: false } as const;
const at = (tag: string, known: Partial<FoundImage> = {}): FoundImage => ({
  image: `h.test/app:${tag}`,
  tag,
  ...known,
});
const digest = (text = "") => ({ digest: text });

describe("a module is", () => {
  it.each<[status: string, a: FoundImage[], b: FoundImage[]]>([
    ["added", [], [at("1")]],
    ["removed", [at("1")], []],
    ["same", [at("1")], [at("1")]],
    ["same", [at("1", digest(one))], [at("1", digest(one))]],
    ["changed", [at("1", digest(one))], [at("1", digest(two))]],
    ["changed", [at("1")], [at("2")]],
    ["changed", [at("1", digest(one))], [at("2", { error })]],
    ["retagged", [at("1", digest(one))], [at("1.0", digest(one))]],
    ["unknown", [at("1", digest(one))], [at("1", { error })]],
    ["changed", [at("1", digest(one)), at("2", digest(two))], [at("1", digest(one))]],
    ["same", [at("1", digest(one)), at("2", digest(two))], [at("2", digest(two)), at("1", digest(one))]],
  ])("%s", (status, a, b) => {
    const diff = environmentDiff({ a: "a", b: "b" }, [{ module: "app", a, b }]);
    expect(diff.modules[0]?.status).toBe(status);
    expect(differs(diff)).toBe(!["same", "unknown"].includes(status));
  });
});
