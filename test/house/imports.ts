import { posix } from "node:path";
import type { Source, SyntaxNode } from "./source.ts";

/** `type` leaves no trace at run time, `dynamic` loads when it is reached, `static` loads with the file. */
export type ImportKind = "static" | "dynamic" | "type";

/** One file asking for another. */
export interface Import {
  readonly from: string;
  /** A path of the repository, or the name of a package or of a `node:` module, without what follows its name. */
  readonly target: string;
  readonly kind: ImportKind;
}

/** Everything that a file imports, in whichever way. */
export function importsOf(source: Source): Import[] {
  return source.nodes.flatMap(({ node }) => {
    const found = importAt(node);
    return found === undefined
      ? []
      : [{ from: source.path, target: resolve(source.path, found.specifier), kind: found.kind }];
  });
}

function importAt(node: SyntaxNode): { specifier: string; kind: ImportKind } | undefined {
  const specifier = literal(node.source);
  if (specifier === undefined) return undefined;
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier, kind: isTypeOnly(node) ? "type" : "static" };
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      return { specifier, kind: node.exportKind === "type" ? "type" : "static" };
    case "ImportExpression":
      return { specifier, kind: "dynamic" };
    case "TSImportType":
      return { specifier, kind: "type" };
    default:
      return undefined;
  }
}

function isTypeOnly(declaration: SyntaxNode): boolean {
  const specifiers = declaration.specifiers as readonly SyntaxNode[];
  return (
    declaration.importKind === "type" ||
    (specifiers.length > 0 && specifiers.every((specifier) => specifier.importKind === "type"))
  );
}

function literal(node: unknown): string | undefined {
  return typeof node === "object" && node !== null && "value" in node && typeof node.value === "string"
    ? node.value
    : undefined;
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  if (specifier.startsWith("node:")) return specifier;
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Files by what they import. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The graph that a list of imports makes. */
export function graphOf(imports: readonly Import[]): ImportGraph {
  const graph = new Map<string, string[]>();
  for (const { from, target } of imports) graph.set(from, [...(graph.get(from) ?? []), target]);
  return graph;
}

/**
 * The shortest way by imports from one file to another, both included; `undefined` when there is none.
 * A file reaches itself only through another.
 */
export function chain(graph: ImportGraph, from: string, to: string): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[from]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of graph.get(way.at(-1) ?? from) ?? []) {
      if (target === to) return [...way, target];
      if (seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return undefined;
}
