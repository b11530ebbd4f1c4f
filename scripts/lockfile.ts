import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** One package of the lockfile, at one place of `node_modules`. */
export interface LockedPackage {
  /** Where it is installed: `node_modules/a/node_modules/b`. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  /** The SPDX expression that it declares; empty where it declares none. */
  readonly licence: string;
  readonly integrity: string;
  /** Where it is downloaded from, when the lockfile says so. */
  readonly resolved: string | undefined;
  readonly runsScriptAtInstall: boolean;
  /** Whether it comes with the program, and is not for its development only. */
  readonly isShipped: boolean;
  readonly isOptional: boolean;
  /** Names of the packages that it depends on, optionally too. */
  readonly asksFor: ReadonlySet<string>;
}

interface LockfileEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The packages of `package-lock.json`, by name; the project itself is none of them.
 * {@link https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json}
 */
export async function readLockfile(root: string): Promise<readonly LockedPackage[]> {
  const lock: { readonly packages: Readonly<Record<string, LockfileEntry>> } = JSON.parse(
    await readFile(join(root, "package-lock.json"), "utf8"),
  );
  return Object.entries(lock.packages)
    .filter(([place]) => place !== "")
    .map(([place, entry]) => lockedPackage(place, entry))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1));
}

function lockedPackage(place: string, entry: LockfileEntry): LockedPackage {
  return {
    place,
    name: place.split("node_modules/").at(-1) ?? place,
    version: entry.version ?? "",
    licence: entry.license ?? "",
    integrity: entry.integrity ?? "",
    resolved: entry.resolved,
    runsScriptAtInstall: entry.hasInstallScript === true,
    isShipped: entry.dev !== true && entry.devOptional !== true,
    isOptional: entry.optional === true,
    asksFor: new Set(Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })),
  };
}
