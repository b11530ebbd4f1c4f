import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseAst } from "vitest/node";

/** A node of the syntax tree, as ESTree names it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A TypeScript file of the repository. */
export interface Source {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** Every node of its syntax tree. */
  readonly nodes: readonly PlacedNode[];
}

/** A node and the one that it is part of. */
export interface PlacedNode {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
}

/** Parses one TypeScript file. */
export function parseSource(path: string, text: string): Source {
  const root = parseAst(text, { lang: "ts" }) as unknown as SyntaxNode;
  const nodes: PlacedNode[] = [{ node: root, parent: undefined }];
  // The list grows while it is walked: every node brings its children.
  for (const { node } of nodes) {
    for (const child of Object.values(node).flat()) {
      if (isNode(child)) nodes.push({ node: child, parent: node });
    }
  }
  return { path, text, nodes };
}

/** Parses every TypeScript file under a folder of the repository, by path. */
export async function readSources(folder: string): Promise<Source[]> {
  const paths = globSync(`${folder}/**/*.ts`);
  return await Promise.all(paths.sort().map(async (path) => parseSource(path, await readFile(path, "utf8"))));
}

/** The line, counted from 1, that an offset of a text is in. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}
