import { basename } from "node:path";
import { isAllowed, partOf } from "./arrows.ts";
import { chain, graphOf, importsOf } from "./imports.ts";
import { lineAt, type Source, type SyntaxNode } from "./source.ts";

/** A rule of the house: the sentences that say where it is broken; none when it is kept. */
export type Rule = (sources: readonly Source[]) => string[];

const maxFileLines = 250;
const maxFunctionLines = 60;

/** Names that say nothing about what is inside. */
const emptyNames = /^(utils?|helpers?|common|misc|shared|manager|types?|index|constants|data|info)\.ts$/;

/** Files that may touch the process, the clock and chance; everything else is handed them. */
const outside = new Set(["job/start.ts", "job/main.ts", "job/system-runtime.ts", "job/async/clock.ts"]);

/** Imports follow the table of arrows; an offence comes with the way by which the program gets there. */
export const arrowsHold: Rule = (sources) => {
  const imports = sources.flatMap(importsOf);
  const graph = graphOf(imports);
  const unknown = sources
    .filter(({ path }) => partOf(path) === undefined)
    .map(({ path }) => `${path} is in no part of the table`);
  const wrong = imports
    .filter((candidate) => partOf(candidate.from) !== undefined && !isAllowed(candidate))
    .map(({ from, target, kind }) => {
      const way = chain(graph, "job/main.ts", from) ?? [from];
      return `${from} may not import ${target} (${kind}): ${[...way, target].join(" -> ")}`;
    });
  return [...unknown, ...wrong];
};

/** No file reaches itself by imports, types included. */
export const noCycles: Rule = (sources) => {
  const graph = graphOf(sources.flatMap(importsOf));
  return sources.flatMap(({ path }) => {
    const way = chain(graph, path, path);
    // Each circle once: from its first file by name.
    return way === undefined || way.some((file) => file < path) ? [] : [way.join(" -> ")];
  });
};

/** Each name has one home: nothing is exported as default or from elsewhere. */
export const namesHaveOneHome: Rule = (sources) =>
  sources.flatMap(({ path, nodes }) =>
    nodes.flatMap(({ node }) => {
      if (node.type === "ExportDefaultDeclaration") return [`${path} has a default export`];
      if (node.type === "ExportAllDeclaration") return [`${path} exports all of another file`];
      if (node.type === "ExportNamedDeclaration" && node.source !== null)
        return [`${path} exports what is another file's`];
      return [];
    }),
  );

/** A file is named for its idea, in kebab case. */
export const filesAreNamed: Rule = (sources) =>
  sources
    .filter(
      ({ path }) => emptyNames.test(basename(path)) || !/^[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(basename(path)),
    )
    .map(({ path }) => `${path} is not a name for an idea`);

/** A file can be read in one go. */
export const filesAreShort: Rule = (sources) =>
  sources
    .map(({ path, text }) => ({ path, lines: lineCount(text) }))
    .filter(({ lines }) => lines > maxFileLines)
    .map(({ path, lines }) => `${path} has ${lines} lines, more than ${maxFileLines}`);

/** A function fits on a screen. */
export const functionsAreShort: Rule = (sources) =>
  sources.flatMap(({ path, text, nodes }) =>
    nodes.flatMap(({ node }) => {
      if (!/^(Function(Declaration|Expression)|ArrowFunctionExpression)$/.test(node.type)) return [];
      const [first, last] = [lineAt(text, node.start), lineAt(text, node.end)];
      const lines = last - first + 1;
      return lines > maxFunctionLines
        ? [`${path}:${first} is a function of ${lines} lines, more than ${maxFunctionLines}`]
        : [];
    }),
  );

/** Process, console, time and chance come in as parameters, so that whole commands run inside a test. */
export const theWorldIsHandedIn: Rule = (sources) =>
  sources
    .filter(({ path }) => !outside.has(path))
    .flatMap(({ path, text, nodes }) =>
      nodes.flatMap(({ node, parent }) => {
        const name = worldlyName(node, parent);
        return name === undefined ? [] : [`${path}:${lineAt(text, node.start)} uses ${name}`];
      }),
    );

function worldlyName(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (
    node.type === "Identifier" &&
    /^(process|console)$/.test(String(node.name)) &&
    !isOwnName(node, parent)
  ) {
    return String(node.name);
  }
  if (
    node.type === "NewExpression" &&
    nameOf(node.callee) === "Date" &&
    (node.arguments as unknown[]).length === 0
  ) {
    return "new Date()";
  }
  if (node.type !== "MemberExpression") return undefined;
  const member = `${nameOf(node.object)}.${nameOf(node.property)}`;
  return /^(Date\.now|Math\.random|performance\.now)$/.test(member) ? member : undefined;
}

/** Whether an identifier only names a member, as in `host.process` or `{ console: … }`. */
function isOwnName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  const named = parent?.type === "MemberExpression" ? parent.property : parent?.key;
  return named === node && parent?.computed !== true && parent?.shorthand !== true;
}

function nameOf(node: unknown): string {
  return String((node as SyntaxNode | undefined)?.name ?? "");
}

/** Lines of a file that ends in a line break. */
export function lineCount(text: string): number {
  return text.split("\n").length - 1;
}
