import { describe, expect, it } from "vitest";
import { formatUpdate } from "../../job/commands/format-update.ts";
import { type ApplicationUpdate, updateReport } from "../../job/update/report.ts";

const digest = `sha256:${"a".repeat(64)}`;
/** What a terminal would act upon, line ends aside. */
const acting = /(?!\n)\p{Cc}|\p{Cf}/u;
const nasty = "\u001b[31m|<img src=x>@team\u202e";

const applications: readonly ApplicationUpdate[] = [
  {
    name: "argocd/shop",
    origin: "Application argocd/shop",
    repository: "https://git.example.com/team/deploy.git",
    branch: "main",
    commit: "8f0e5c6f3d21aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    images: [
      {
        alias: "web",
        image: "prod.example.com/web",
        status: "updated",
        from: { tag: "1.0.0" },
        to: { tag: "1.1.0", digest },
        edits: [
          { path: "prod/kustomization.yaml", line: 6, before: "1.0.0", after: "1.1.0" },
          { path: "prod/kustomization.yaml", line: 7, after: digest },
        ],
      },
      { alias: "db", status: "updated", to: { digest }, edits: [] },
      { alias: "cache", status: "up-to-date", to: { tag: "2.0.0" }, note: "2.0.0 is newer", edits: [] },
      {
        alias: nasty,
        status: "failed",
        edits: [],
        error: {
          code: "NameUnknown",
          message: `There is no ${nasty}`,
          hint: "Check\nthe name",
          temporary: false,
        },
      },
    ],
    warnings: [`pull-secret is not read ${nasty}`],
  },
  {
    name: "lost",
    origin: "Application lost",
    images: [],
    warnings: [],
    error: { code: "Denied", message: "The branch is protected", temporary: false },
  },
];

const report = (kind: "UpdateReport" | "UpdatePlan") =>
  updateReport({ kind, startedAt: 0, now: 1_500, applications });
const format = (kind: "UpdateReport" | "UpdatePlan", as: "text" | "markdown" | "json") =>
  formatUpdate(report(kind), as, { color: false });

describe("a report of updates", () => {
  it("is a line for each image, with what was changed and what is wrong beneath it", async () => {
    const text = await format("UpdateReport", "text");
    const lines = text.split("\n");
    expect(lines.slice(0, 1)).toEqual(["argocd/shop  main  8f0e5c6f3d21"]);
    expect(lines).toContain("  ✓ web  1.0.0 → 1.1.0 (sha256:aaaaaaaaaaaa)");
    expect(lines).toContain("      prod/kustomization.yaml:6");
    expect(lines).toContain("  ✓ db  nothing → sha256:aaaaaaaaaaaa");
    expect(lines).toContain("  = cache  2.0.0");
    expect(lines).toContain("      2.0.0 is newer");
    expect(lines).toContain("      Denied: The branch is protected");
    expect(lines).toContain("      hint: Check");
    expect(lines.at(-2)).toBe("4 images of 2 applications: 2 updated, 1 up to date, 2 failed, 1 commit");
  });

  it("says of a plan what would be", async () => {
    const text = await format("UpdatePlan", "text");
    expect(text).toContain("  + web  1.0.0 → 1.1.0");
    expect(text).toContain("2 to update");
  });

  it("acts upon no terminal and no page, whatever others have written", async () => {
    expect(await format("UpdateReport", "text")).not.toMatch(acting);
    expect(await format("UpdateReport", "json")).not.toMatch(acting);
    const markdown = await format("UpdateReport", "markdown");
    expect(markdown).not.toMatch(acting);
    expect(markdown).not.toMatch(/<img|@team/);
    const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(2 + 4 + 1);
    expect(rows.map((row) => row.split("|").length)).toEqual(rows.map(() => 7));
  });
});
