import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** A page that people read. */
export interface Page {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface CodeBlock {
  readonly page: string;
  /** Of its first line of code, counted from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

/** All pages: those at the top, docs/, and what stands beside the chart and the examples. */
export async function readPages(): Promise<Page[]> {
  const paths = globSync(["*.md", "docs/**/*.md", "chart/**/*.md", "examples/**/*.md"]).sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, "utf8") })));
}

/** The fenced blocks of a page, those inside of lists too. */
export function codeBlocks({ path, text }: Page): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { indent: string; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^(?<indent> *)```(?<language>\w*)\s*$/.exec(line)?.groups;
    if (open === undefined) {
      if (fence)
        open = { indent: fence.indent ?? "", language: fence.language ?? "", line: index + 2, lines: [] };
    } else if (fence && fence.language === "") {
      const { language, lines } = open;
      blocks.push({ page: path, line: open.line, language, code: lines.map((each) => `${each}\n`).join("") });
      open = undefined;
    } else {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: the block has no end`);
  return blocks;
}

/** The text outside of fenced blocks. */
export function prose({ text }: Page): string {
  return text.replaceAll(/^( *)```[\s\S]*?^\1```\s*$/gm, "");
}

/** The anchors that headings make. {@link https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links} */
export function anchorsOf(page: Page): ReadonlySet<string> {
  const headings = [...prose(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? "");
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}
