import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type LockedPackage, readLockfile } from "../lockfile.ts";

/** A page with every package that comes with the program, at which version, under which licence, and what asks for it. */
export async function dependenciesPage(root: string): Promise<string> {
  const manifest: { readonly dependencies: Readonly<Record<string, string>> } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  const direct = new Set(Object.keys(manifest.dependencies));
  const shipped = (await readLockfile(root)).filter(({ isShipped }) => isShipped);
  const optional = shipped.filter(({ isOptional }) => isOptional).length;
  const count = `${shipped.length} packages, of which ${direct.size} are asked for by name and ${optional} is optional`;
  return `# Dependencies

What comes with the program by the lockfile: ${count}. None of them runs a script when it is installed. The bundle holds less, namely what is reached from the program's entry; \`dist/THIRD_PARTY_LICENSES.txt\` has the texts of those. Why each package that is asked for by name is there stands in [CONTRIBUTING.md](../CONTRIBUTING.md#dependencies).

\`npm run generate\` writes this page.

| package | version | licence | asked for by |
| --- | --- | --- | --- |
${shipped.map((each) => row(each, shipped, direct)).join("\n")}
`;
}

function row(
  { name, version, licence, isOptional }: LockedPackage,
  all: readonly LockedPackage[],
  direct: ReadonlySet<string>,
): string {
  const askers = all.filter(({ asksFor }) => asksFor.has(name)).map((asker) => asker.name);
  const shown = [
    ...(direct.has(name) ? ["**this program**"] : []),
    ...askers.slice(0, 3).map((asker) => `\`${asker}\``),
    ...(askers.length > 3 ? [`${askers.length - 3} more`] : []),
  ];
  return `| \`${name}\` | ${version} | ${licence} | ${shown.join(", ")}${isOptional ? " (optional)" : ""} |`;
}
