import { describe, expect, it } from "vitest";
import { formatStatusMarkdown } from "../../job/status/markdown.ts";
import { formatStatusText } from "../../job/status/text.ts";
import { exampleStatus } from "./example-status.ts";

describe("as text", () => {
  it("is a table, what drifts beneath it, and a summary", () => {
    expect(formatStatusText(exampleStatus(10), { color: false })).toMatchInlineSnapshot(`
      "module         development  staging  production
      team/module-0  1.0.1        1.0.1    1.0.1
      team/module-1  1.1.1        1.1.1    1.1.1
      team/module-2  1.2.1        1.2.1    1.2.1
      team/module-3  1.3.1        1.3.1    1.3.0 ↓
      team/module-4  1.4.1        1.4.1    1.4.1
      team/module-5  1.5.1        1.5.1    1.5.1
      team/module-6  1.6.1        1.6.1    1.6.1
      team/module-7  1.7.1        1.7.1    1.7.1 !
      team/module-8  1.8.1        1.8.1    1.8.1
      team/module-9  1.9.1        -        1.9.1

      ! production  team/module-7 1.7.1: not promoted; promoted 2026-11-20 08:00 UTC by shop-production at 1f0c3b9e; used by Deployment shop/web-7

      10 modules: 1 drifts, 1 is behind
      "
    `);
  });

  it("is coloured where it is shown, and says the same", () => {
    const colored = formatStatusText(exampleStatus(10), { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours begin with it
    const plain = colored.replaceAll(/\u001b\[\d{1,2}m/g, "");
    expect(plain).toBe(formatStatusText(exampleStatus(10), { color: false }));
    expect(colored).not.toBe(plain);
  });
});

describe("as Markdown", () => {
  it("stays within what a comment may have, and keeps what drifts", () => {
    const text = formatStatusMarkdown(exampleStatus(3000));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/\n\n[\d,]+ more modules left out for lack of room\.\n$/);
    expect(text.match(/❌/g)).toHaveLength(300);
  });

  it("has a row for each module", () => {
    const text = formatStatusMarkdown(exampleStatus(2));
    expect(text).toContain("| Module | development | staging | production |\n|---|---|---|---|\n");
    expect(text).toContain("| <code>team/module-1</code> | <code>1.1.1</code> |");
  });
});
