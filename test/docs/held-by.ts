import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseSource, type SyntaxNode } from "../house/source.ts";

/** A test that a page names: `[title](../test/registry/blobs.test.ts)`. */
export interface NamedTest {
  readonly title: string;
  /** From the top of the repository. */
  readonly file: string;
}

/** The tests that a page names, by links to their files with their titles as text, or the numbers of cases. */
export function namedTests(text: string): NamedTest[] {
  return [...text.matchAll(/\[(?<title>[^\]]+)\]\((?:\.\.\/)?(?<file>test\/[^)]+\.ts)\)/g)].map(
    ({ groups }) => ({ title: groups?.title ?? "", file: groups?.file ?? "" }),
  );
}

/** What tests are called in a file: the titles of `it` and `describe` as they are written, and the rows of their tables. */
export async function titlesIn(file: string): Promise<ReadonlySet<string>> {
  const { nodes } = parseSource(file, await readFile(file, "utf8"));
  const titles = nodes.flatMap(({ node, parent }) => {
    const text = textOf(node);
    return text !== undefined && parent !== undefined && namesTest(node, parent) ? [text] : [];
  });
  return new Set(titles);
}

function namesTest(node: SyntaxNode, parent: SyntaxNode): boolean {
  if (parent.type === "ArrayExpression") return true;
  if (parent.type === "Property") return isNaming((parent.key as { readonly name?: unknown }).name);
  const [first] = parent.type === "CallExpression" ? (parent.arguments as readonly SyntaxNode[]) : [];
  return first === node && ["it", "describe", "test"].includes(rootOf(parent.callee as SyntaxNode));
}

function isNaming(key: unknown): boolean {
  return key === "name" || key === "id";
}

/** `it` of `it.skipIf(x).each(rows)`. */
function rootOf(callee: SyntaxNode): string {
  if (callee.type === "Identifier") return String(callee.name);
  const inner = callee.type === "MemberExpression" ? callee.object : callee.callee;
  return inner === undefined ? "" : rootOf(inner as SyntaxNode);
}

/** The text of a literal, with `…` for each part of a template that is computed; undefined for all else. */
function textOf({ type, value, quasis }: SyntaxNode): string | undefined {
  if (type === "Literal") return typeof value === "string" ? value : undefined;
  if (type !== "TemplateLiteral" || !Array.isArray(quasis)) return undefined;
  return quasis.map((quasi) => quasi.value.cooked).join("…");
}

/** What a page says of tests that is not so. */
export async function unheld(page: string): Promise<string[]> {
  const named = Map.groupBy(namedTests(await readFile(page, "utf8")), ({ file }) => file);
  const existing = new Set(globSync("test/**/*.ts"));
  const wrong = await Promise.all(
    [...named].map(async ([file, tests]) => {
      if (!existing.has(file)) return [`${page}: there is no ${file}`];
      const titles = await titlesIn(file);
      const unknown = tests.filter(({ title }) => !titles.has(title));
      return unknown.map(({ title }) => `${page}: ${file} has no test "${title}"`);
    }),
  );
  return wrong.flat();
}
