import { describe, expect, it } from "vitest";
import { asPromoterError } from "../../job/error.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { linearExpression } from "../../job/replication/linear-expression.ts";
import type { CurrentImage, TagPolicy, UpdateStrategy } from "../../job/update/application.ts";
import { findVersion } from "../../job/update/find-version.ts";
import { globPattern } from "../../job/update/tag-matchers.ts";
import { versionConstraint } from "../../job/update/version-constraint.ts";
import { digestFor, type HeldTag, registryOf } from "./registry-world.ts";

interface Wish {
  readonly constraint?: string;
  readonly tag?: string;
  readonly allow?: string;
  readonly ignore?: string;
  readonly platforms?: readonly string[];
  readonly pin?: boolean;
  readonly lenient?: boolean;
  readonly prerelease?: boolean;
}

function policy(strategy: UpdateStrategy, wish: Wish = {}): TagPolicy {
  const {
    constraint = "*",
    tag,
    allow,
    ignore,
    platforms = [],
    pin = false,
    lenient = false,
    prerelease = false,
  } = wish;
  return {
    strategy,
    ...(strategy === "semver" && { versions: versionConstraint(constraint, { prerelease, lenient }) }),
    ...(tag !== undefined && { tag }),
    ...(allow !== undefined && { allow: linearExpression(allow) }),
    ignore: ignore === undefined ? [] : [globPattern(ignore)],
    platforms,
    pin,
  };
}

const app = parseReference("dev.example.com/team/app");
const place = "kustomization.yaml:1";

interface Case {
  readonly policy: TagPolicy;
  readonly tags: readonly (HeldTag | string)[];
  readonly current?: Omit<CurrentImage, "place">;
}

function find({ policy, tags, current }: Case) {
  const registry = registryOf({ "dev.example.com/team/app": tags });
  const sources = [app];
  const finding = { policy, sources, ...(current && { current: { ...current, place } }) };
  return { registry, found: findVersion(finding, registry) };
}

const words = (text: string) => text.split(" ");

describe("the newest tag", () => {
  it.each([
    // https://semver.org/#spec-item-11
    { strategy: "semver", tags: "1.0.0 1.9.0 1.10.0", newest: "1.10.0" },
    { strategy: "semver", tags: "v1.0.0 v1.9.0 v1.10.0", newest: "v1.10.0" },
    { strategy: "semver", tags: "latest main 1.0.0 sha-abc", newest: "1.0.0" },
    { strategy: "semver", tags: "1.0.0 2.0.0-rc.1", newest: "1.0.0" },
    {
      strategy: "semver",
      tags: "1.0.0 2.0.0-rc.2 2.0.0-rc.10",
      wish: { constraint: ">=1-0" },
      newest: "2.0.0-rc.10",
    },
    { strategy: "semver", tags: "2.0.0-rc.1 2.0.0", wish: { prerelease: true }, newest: "2.0.0" },
    { strategy: "semver", tags: "1.2.3 1.3.0 2.0.0", wish: { constraint: "~1.2" }, newest: "1.2.3" },
    { strategy: "semver", tags: "1.2.3 1.3.0", wish: { ignore: "1.3*" }, newest: "1.2.3" },
    {
      strategy: "semver",
      tags: "1.2.3 1.3.0-debian",
      wish: { allow: "\\d+\\.\\d+\\.\\d+" },
      newest: "1.2.3",
    },
    { strategy: "semver", tags: "1.2 1.1.9", wish: { lenient: true }, newest: "1.2" },
    { strategy: "semver", tags: "1.2 1.1.9", newest: "1.1.9" },
    // of two spellings of a version, that which stands there, else the longer
    { strategy: "semver", tags: "1.2.0 v1.2.0", current: "v1.1.0", newest: "v1.2.0" },
    { strategy: "semver", tags: "1.2.0 v1.2.0", current: "1.1.0", newest: "1.2.0" },
    { strategy: "semver", tags: "1.2 1.2.0 1", wish: { lenient: true }, newest: "1.2.0" },
    { strategy: "alphabetical", tags: "2026-01-02 2026-01-10 2025-12-31", newest: "2026-01-10" },
    { strategy: "alphabetical", tags: "a B c", newest: "c" },
    {
      strategy: "alphabetical",
      tags: "2026-01-02 latest",
      wish: { allow: "\\d{4}-\\d\\d-\\d\\d" },
      newest: "2026-01-02",
    },
    { strategy: "numerical", tags: "build-9 build-10 build-8", newest: "build-10" },
    { strategy: "numerical", tags: "2026.9.1 2026.10.0 latest", newest: "2026.10.0" },
    {
      strategy: "numerical",
      tags: "99999999999999999999998 99999999999999999999999",
      newest: "99999999999999999999999",
    },
    { strategy: "numerical", tags: "1 1.1", newest: "1.1" },
    // what keeps signatures is no image
    { strategy: "alphabetical", tags: `a sha256-${"f".repeat(64)}.sig`, newest: "a" },
  ] as const satisfies readonly {
    strategy: UpdateStrategy;
    tags: string;
    wish?: Wish;
    current?: string;
    newest: string;
  }[])("by $strategy of $tags is $newest", async (row) => {
    const { strategy, tags, newest } = row;
    const wish = "wish" in row ? row.wish : {};
    const current = "current" in row ? { tag: row.current } : undefined;
    for (const order of [words(tags), words(tags).toReversed()]) {
      const { found } = find({ policy: policy(strategy, wish), tags: order, ...(current && { current }) });
      expect(await found).toEqual({ version: { tag: newest } });
    }
  });

  it("is built for all platforms that are wanted", async () => {
    const tags: HeldTag[] = [
      { tag: "1.0.0", platforms: ["linux/amd64", "linux/arm64/v8"] },
      { tag: "1.1.0", platforms: ["linux/amd64"] },
      { tag: "1.2.0", platforms: ["linux/arm64"], listed: false },
    ];
    const on = (...platforms: string[]) => find({ policy: policy("semver", { platforms }), tags }).found;
    expect(await on("linux/amd64", "linux/arm64")).toEqual({ version: { tag: "1.0.0" } });
    expect(await on("linux/amd64")).toEqual({ version: { tag: "1.1.0" } });
    expect(await on("linux/arm64/v8")).toEqual({ version: { tag: "1.2.0" } });
    expect(asPromoterError(await on("linux/s390x").catch((error) => error))).toMatchObject({
      code: "ManifestUnknown",
      message: "No tag of dev.example.com/team/app is for linux/s390x",
    });
  });

  it("says what was looked for when nothing fits", async () => {
    const { found } = find({ policy: policy("semver", { constraint: "^9" }), tags: ["1.0.0"] });
    await expect(found).rejects.toThrow('No tag of dev.example.com/team/app fits semver "^9"');
    const missing = findVersion({ policy: policy("semver"), sources: [app] }, registryOf({}));
    await expect(missing).rejects.toMatchObject({ code: "NameUnknown" });
  });
});

describe("what stands there", () => {
  const tags = ["1.0.0", "1.1.0"];
  const digest = digestFor("elsewhere");

  it("stays when it is newer than whatever is found", async () => {
    const { found } = find({ policy: policy("semver"), tags, current: { tag: "1.2.0", digest } });
    expect(await found).toEqual({
      version: { tag: "1.2.0", digest },
      note: "1.2.0 is newer than the newest that was found, 1.1.0",
    });
  });

  it("stays a prerelease until what follows it is there, unless a constraint says otherwise", async () => {
    const current = { tag: "1.2.0-rc.1" };
    const { found } = find({ policy: policy("semver"), tags, current });
    expect(await found).toMatchObject({ version: current });
    const released = find({ policy: policy("semver"), tags: [...tags, "1.2.0"], current });
    expect(await released.found).toEqual({ version: { tag: "1.2.0" } });
  });

  it("goes back when the constraint does not admit it any more, and when it is no version", async () => {
    const narrow = policy("semver", { constraint: "~1.0" });
    expect(await find({ policy: narrow, tags, current: { tag: "1.1.0" } }).found).toEqual({
      version: { tag: "1.0.0" },
    });
    expect(await find({ policy: narrow, tags, current: { tag: "main" } }).found).toEqual({
      version: { tag: "1.0.0" },
    });
  });

  it("keeps a digest, and gets the new one with the new tag", async () => {
    const same = find({ policy: policy("semver"), tags, current: { tag: "1.1.0", digest } });
    expect(await same.found).toEqual({ version: { tag: "1.1.0", digest } });
    const older = find({ policy: policy("semver"), tags, current: { tag: "1.0.0", digest } });
    expect(await older.found).toEqual({ version: { tag: "1.1.0", digest: digestFor("1.1.0") } });
  });

  it("gets a digest when it is to be pinned", async () => {
    const pinned = policy("semver", { pin: true });
    const unlisted = [{ tag: "1.1.0", listed: false }];
    const { found } = find({ policy: pinned, tags: unlisted, current: { tag: "1.1.0" } });
    expect(await found).toEqual({ version: { tag: "1.1.0", digest: digestFor("1.1.0") } });
  });
});

describe("the digest of a tag", () => {
  const tags = ["main", "latest", "1.0.0"];
  it.each([
    { wish: { tag: "main" }, current: { tag: "1.0.0" }, tag: "main" },
    { wish: {}, current: { tag: "1.0.0" }, tag: "1.0.0" },
    { wish: {}, current: undefined, tag: "latest" },
    { wish: { tag: "main" }, current: { tag: "main", digest: digestFor("before") }, tag: "main" },
  ])("is that of $tag for $wish where $current stands", async ({ wish, current, tag }) => {
    const { found } = find({ policy: policy("digest", wish), tags, ...(current && { current }) });
    expect(await found).toEqual({ version: { tag, digest: digestFor(tag) } });
  });

  it("is an error when there is no such tag, and when there could be none", async () => {
    const odd = find({ policy: policy("digest"), tags, current: { tag: "../main" } });
    await expect(odd.found).rejects.toThrow('Cannot follow "../main" at kustomization.yaml:1: it is no tag');
    expect(odd.registry.asked).toEqual([]);
    await expect(find({ policy: policy("digest", { tag: "gone" }), tags }).found).rejects.toThrow(
      "There is no dev.example.com/team/app:gone",
    );
  });
});

describe("the newest build", () => {
  const built = (tag: string, day: number, more: Partial<HeldTag> = {}): HeldTag => ({
    tag,
    created: `2026-01-${String(day).padStart(2, "0")}T00:00:00Z`,
    ...more,
  });

  it("is what was built last, whatever it is called; of the same age, the last name", async () => {
    const tags = [built("zzz", 1), built("abc", 3), built("abd", 3), built("mmm", 2)];
    expect(await find({ policy: policy("newest-build"), tags }).found).toEqual({ version: { tag: "abd" } });
    const allowed = policy("newest-build", { allow: "[a-c]+" });
    expect(await find({ policy: allowed, tags }).found).toEqual({ version: { tag: "abc" } });
  });

  it("is for the platforms that are wanted, and does not stay behind what stands there", async () => {
    const tags = [built("old", 1), built("new", 2, { platforms: ["linux/arm64"] })];
    const wanted = policy("newest-build", { platforms: ["linux/amd64"] });
    expect(await find({ policy: wanted, tags, current: { tag: "zzz" } }).found).toEqual({
      version: { tag: "old" },
    });
  });

  it("does not look at what was pushed before the newest was built", async () => {
    const old = Array.from({ length: 100 }, (_, index) =>
      built(`old-${index}`, 1, { pushed: "2026-01-01T12:00:00Z" }),
    );
    const tags = [...old, built("new", 9, { pushed: "2026-01-10T00:00:00Z" })];
    const { found, registry } = find({ policy: policy("newest-build"), tags });
    expect(await found).toEqual({ version: { tag: "new" } });
    expect(registry.asked.length).toBeLessThan(20);
    expect(registry.asked[0]).toBe("facts new");
  });

  it("is an error when no image says when it was built", async () => {
    await expect(find({ policy: policy("newest-build"), tags: ["a", "b"] }).found).rejects.toMatchObject({
      code: "Unsupported",
    });
  });
});

describe("several sources", () => {
  it("offer their tags together, and the first decides what a tag stands for", async () => {
    const registry = registryOf({
      "stage.example.com/app": [{ tag: "1.1.0", content: "staged" }],
      "dev.example.com/app": [{ tag: "1.1.0", content: "built" }, "1.2.0"],
    });
    const sources = [parseReference("stage.example.com/app"), parseReference("dev.example.com/app")];
    const find = (constraint: string) =>
      findVersion({ policy: policy("semver", { constraint, pin: true }), sources }, registry);
    expect(await find("*")).toEqual({ version: { tag: "1.2.0", digest: digestFor("1.2.0") } });
    expect(await find("~1.1")).toEqual({ version: { tag: "1.1.0", digest: digestFor("staged") } });
  });
});
