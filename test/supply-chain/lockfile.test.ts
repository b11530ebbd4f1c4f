import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { usable } from "../../scripts/licences.ts";
import { type LockedPackage, readLockfile } from "../../scripts/lockfile.ts";

/** Of tools that are run here and never shipped. */
const usableForDevelopment = new Set([...usable, "MIT OR Apache-2.0", "MPL-2.0"]);

/** Packages whose scripts may run at installation, here only: each fetches or checks its program for this platform. */
const mayRunScripts = ["esbuild", "node"];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly scripts: Readonly<Record<string, string>>;
}

let packages: readonly LockedPackage[];
let shipped: readonly LockedPackage[];
let manifest: Manifest;
beforeAll(async () => {
  packages = await readLockfile(".");
  shipped = packages.filter(({ isShipped }) => isShipped);
  manifest = JSON.parse(await readFile("package.json", "utf8"));
});

describe("the lockfile", () => {
  it("has a strong hash of every package", () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity))).toEqual([]);
  });

  it("names no host to download from: that is the installer's own choice, and the hash decides", () => {
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  });

  it("holds what package.json asks for, which are exact versions", () => {
    const asked = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const locked = new Map(packages.map(({ place, version }) => [place, version]));
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect(asked.filter(([name, version]) => locked.get(`node_modules/${name}`) !== version)).toEqual([]);
  });
});

describe("what is shipped", () => {
  it("runs no script when it is installed", () => {
    expect(shipped.filter(({ runsScriptAtInstall }) => runsScriptAtInstall)).toEqual([]);
    const scripts = ["preinstall", "install", "postinstall", "prepare"].filter(
      (name) => manifest.scripts[name],
    );
    expect(scripts).toEqual([]);
  });

  it("may be shipped by its licence", () => {
    expect(shipped.filter(({ licence }) => !usable.has(licence))).toEqual([]);
  });

  it("stays few", () => {
    console.log(`shipped: ${shipped.length} packages, ${Object.keys(manifest.dependencies).length} by name`);
    // Nineteen of them are the parts of which one package makes certificates.
    expect(shipped.length).toBeLessThanOrEqual(87);
  });
});

describe("what is only for development", () => {
  it("runs a script at installation only where it is known", () => {
    const running = packages.filter(({ runsScriptAtInstall }) => runsScriptAtInstall).map(({ name }) => name);
    expect(running).toEqual(mayRunScripts);
    expect(Object.keys(manifest.allowScripts)).toEqual(mayRunScripts);
  });

  it("may be used by its licence", () => {
    expect(packages.filter(({ licence }) => !usableForDevelopment.has(licence))).toEqual([]);
  });
});

it("CONTRIBUTING.md gives the reason of every package that is asked for by name", async () => {
  const [, table = ""] = (await readFile("CONTRIBUTING.md", "utf8")).split("## Dependencies");
  const explained = [...table.matchAll(/^\|(?<packages>[^|]*)\|/gm)].flatMap((row) =>
    [...(row.groups?.packages ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]),
  );
  const asked = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(explained.toSorted()).toEqual(asked.toSorted());
});
