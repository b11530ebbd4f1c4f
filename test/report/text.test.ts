import { describe, expect, it } from "vitest";
import { formatText, imageLine } from "../../job/report/text.ts";
import {
  copied,
  digestA,
  digestB,
  failed,
  host,
  image,
  kept,
  report,
  skipped,
  upToDate,
} from "./example-report.ts";

const plain = { color: false };
const all = [copied, upToDate, kept, failed, skipped];
const plan = report([{ ...copied, referrers: 0 }, upToDate, failed], {
  kind: "PromotionPlan",
  estimate: { requests: 14, manifestWrites: 5, leastMs: 500 },
});

describe("formatText", () => {
  it("says what was done with each image, why not, and what to do", () => {
    expect(formatText(report(all), plain)).toBe(`${host}
✓ copied      team/app:1.2.3  sha256:a1b2c3d4a1b2  24.1 MiB  (3.0 MiB mounted, 2 referrers)
= up to date  team/web:2.0.0  sha256:0123456789ab
! kept        team/old:1      sha256:0123456789ab
    warning: The source has no image any more
✗ failed      team/api:9
    TagImmutable: Cannot put the tag "9": it is immutable and stands for another image
    → Promote another tag
    at overlays/production/patch-image.yaml:12
- skipped     docker.io/library/redis:7
5 images: 1 copied, 1 up to date, 1 kept, 1 skipped, 1 failed, 24.1 MiB, 3.0 MiB mounted in 1.2 s
`);
  });

  it("speaks of a plan in the future", () => {
    expect(formatText(plan, plain)).toBe(`${host}
+ would copy  team/app:1.2.3  sha256:a1b2c3d4a1b2  24.1 MiB  (3.0 MiB mounted)
= up to date  team/web:2.0.0  sha256:0123456789ab
✗ would fail  team/api:9
    TagImmutable: Cannot put the tag "9": it is immutable and stands for another image
    → Promote another tag
    at overlays/production/patch-image.yaml:12
3 images: 1 to copy, 1 up to date, 1 would fail, 24.1 MiB, 3.0 MiB mounted, 14 requests, at least 0.5 s
`);
  });

  it("puts details on a line of their own where a line would be wider than the terminal", () => {
    expect(formatText(report([copied, upToDate]), { color: false, columns: 60 })).toBe(`${host}
✓ copied      team/app:1.2.3
    sha256:a1b2c3d4a1b2  24.1 MiB  (3.0 MiB mounted, 2 referrers)
= up to date  team/web:2.0.0
    sha256:0123456789ab
2 images: 1 copied, 1 up to date, 24.1 MiB, 3.0 MiB mounted in 1.2 s
`);
  });

  it("names the whole reference where there is one image, or several hosts", () => {
    const other = image({ destination: "registry.example/web:1", digest: digestB });
    expect(formatText(report([upToDate]), plain)).toContain(`= up to date  ${host}/team/web:2.0.0  sha256:`);
    expect(formatText(report([copied, other]), plain)).toContain(`${host}/team/app:1.2.3  sha256:`);
  });

  it("keeps the digest of a reference whose digest stands nowhere else, shortened", () => {
    const unknown = image({ destination: `${host}/app@${digestB}`, status: "failed" });
    expect(formatText(report([unknown]), plain)).toContain(`${host}/app@sha256:0123456789ab\n`);
  });

  it("says what the tag stood for before", () => {
    const moved = { ...copied, referrers: 0, bytesMounted: 0, previousDigest: digestB };
    expect(formatText(report([moved]), plain)).toContain("24.1 MiB  (was sha256:0123456789ab)");
  });

  it("says so when there are none", () => {
    expect(formatText(report([]), plain)).toBe("No images\n");
  });

  it("colours by status when asked to, and aligns as without", () => {
    const text = formatText(report(all), { color: true });
    expect(text).toContain("\u001b[32m✓ copied    \u001b[39m  team/app:1.2.3");
    expect(text).toContain("\u001b[31m✗ failed    \u001b[39m  team/api:9");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.replaceAll(/\u001b\[\d+m/g, "")).toBe(formatText(report(all), plain));
  });

  it("lets nothing from outside act on the terminal", () => {
    const hostile = {
      ...failed,
      warnings: ["a\u001b[2Jb\nc\u202ed"],
      error: { code: "Denied", message: "x\u001b]0;title\u0007\r", hint: "y\u009b1m", temporary: false },
    } as const;
    const text = formatText(report([hostile]), plain);
    expect(text).toContain("warning: a\\u{1b}[2Jb\\nc\\u{202e}d\n");
    expect(text).toContain("Denied: x\\u{1b}]0;title\\u{7}\\r\n");
    expect(text).toContain("→ y\\u{9b}1m\n");
  });
});

describe("imageLine", () => {
  it.each([
    [
      copied,
      `✓ copied  ${host}/team/app:1.2.3  sha256:a1b2c3d4a1b2  24.1 MiB  (3.0 MiB mounted, 2 referrers)`,
    ],
    [upToDate, `= up to date  ${host}/team/web:2.0.0  sha256:0123456789ab`],
    [
      failed,
      `✗ failed  ${host}/team/api:9  TagImmutable: Cannot put the tag "9": it is immutable and stands for another image`,
    ],
    [
      image({ destination: `h/r@${digestA}`, status: "retagged", digest: digestA }),
      "✓ retagged  h/r  sha256:a1b2c3d4a1b2",
    ],
  ])("is one line: %#", (subject, expected) => {
    expect(imageLine(subject)).toBe(expected);
  });
});
