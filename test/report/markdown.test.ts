import { describe, expect, it } from "vitest";
import { formatMarkdown } from "../../job/report/markdown.ts";
import { escapeMarkdown, markdownCode } from "../../job/report/markdown-text.ts";
import { copied, failed, host, image, kept, report, skipped, upToDate } from "./example-report.ts";

describe("formatMarkdown", () => {
  it("is a table with failures and warnings folded beneath", () => {
    expect(formatMarkdown(report([copied, upToDate, kept, failed, skipped]))).toBe(`### Promotion

5 images: 1 copied, 1 up to date, 1 kept, 1 skipped, 1 failed, 24.1 MiB, 3.0 MiB mounted in 1.2 s

To <code>${host}</code>

| Status | Image | Digest | Platforms | Size |
|---|---|---|---|--:|
| ✅ copied | <code>team/app:1.2.3</code> | <code>sha256:a1b2c3d4a1b2</code> | linux/amd64<br>linux/arm64 | 24.1 MiB |
| ☑️ up to date | <code>team/web:2.0.0</code> | <code>sha256:0123456789ab</code> |  |  |
| ⚠️ kept | <code>team/old:1</code> | <code>sha256:0123456789ab</code> |  |  |
| ❌ failed | <code>team/api:9</code> |  |  |  |
| ➖ skipped | <code>docker.io/library/redis:7</code> |  |  |  |

<details><summary>1 failure</summary>

- <code>team/api:9</code> (overlays/production/patch-image.yaml:12)
  <br>**TagImmutable**: Cannot put the tag "9": it is immutable and stands for another image
  <br>→ Promote another tag

</details>

<details><summary>1 warning</summary>

- <code>team/old:1</code>
  <br>The source has no image any more

</details>
`);
  });

  it("speaks of a plan in the future", () => {
    const plan = report([copied], {
      kind: "PromotionPlan",
      estimate: { requests: 1_400, manifestWrites: 5, leastMs: 1_500 },
    });
    const text = formatMarkdown(plan);
    expect(text).toContain("### Promotion plan\n");
    expect(text).toContain("1 image: 1 to copy, 24.1 MiB, 3.0 MiB mounted, 1,400 requests, at least 1.5 s\n");
    expect(text).toContain("| ➕ would copy | ");
  });

  it("is no table where there are no images", () => {
    expect(formatMarkdown(report([]))).toBe("### Promotion\n\nNo images\n");
  });

  it("fits a comment however many images there are, and leaves out what weighs least", () => {
    const many = Array.from({ length: 2_000 }, (_, number) =>
      image({ destination: `${host}/app-${number}:1` }),
    );
    const failures = Array.from({ length: 300 }, (_, number) => ({
      ...failed,
      destination: `${host}/bad-${number}:1`,
      error: { code: "Denied" as const, message: "m|".repeat(5_000), temporary: false },
    }));
    const text = formatMarkdown(report([...many, ...failures]));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n\n[\d,]+ more images left out for lack of room\.\n/);
    expect(text).toMatch(/\n- [\d,]+ more images left out for lack of room\n/);
    expect(text.match(/❌ failed/g)).toHaveLength(300);
  });

  it("lets no text from outside break out of its cell", () => {
    const hostile = { ...failed, platforms: ["linux|<b>"], warnings: ["a\n\n| x |\n@team #1 `c`"] };
    const text = formatMarkdown(report([hostile]));
    expect(text).toContain("| linux&#124;&lt;b&gt; |");
    expect(text).toContain("  <br>a\\\\n\\\\n&#124; x &#124;\\\\n@&#8203;team #&#8203;1 \\`c\\`\n");
  });
});

describe("escapeMarkdown", () => {
  it.each([
    ["a|b", "a&#124;b"],
    ["<img src=x>", "&lt;img src=x&gt;"],
    ["&amp;", "&amp;amp;"],
    ["*b* _i_ ~s~", "\\*b\\* \\_i\\_ \\~s\\~"],
    ["[l](http://x) ![i](y)", "\\[l\\]\\(http://x\\) \\!\\[i\\]\\(y\\)"],
    ["\\|", "\\\\&#124;"],
    ["@org/team", "@&#8203;org/team"],
    ["owner/repo#1", "owner/repo#&#8203;1"],
    ["a\nb", "a\\\\nb"],
    ["\u202e", "\\\\u\\{202e\\}"],
    ["$x$", "\\$x\\$"],
  ])("%j", (text, expected) => {
    expect(escapeMarkdown(text)).toBe(expected);
  });
});

describe("markdownCode", () => {
  it("cannot be ended by what it holds", () => {
    expect(markdownCode("a|`</code>*@me\\")).toBe(
      "<code>a&#124;&#96;&#60;/code&#62;&#42;&#64;me&#92;</code>",
    );
  });
});
