import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { type EdgeImage, type EdgeOptions, edgeImage, promotion, runProcess } from "./edge-run.ts";
import { hasMountNamespaces, inMountNamespace } from "./namespace.ts";

let world: TwoAccounts;
let image: EdgeImage;
beforeAll(async () => {
  world = await twoAccounts();
  image = edgeImage(world);
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => image.forget());

const run = (options: EdgeOptions = {}) => runProcess({ ...options, env: { ...world.env, ...options.env } });

describe("a promotion needs no home", () => {
  // The processes of these tests have no HOME unless it is given.
  it.each<[string, Record<string, string>]>([
    ["HOME is not set", {}],
    ["HOME is not there", { HOME: "/nonexistent" }],
    ["HOME is no folder", { HOME: "/dev/null" }],
  ])("when %s", async (_title, env) => {
    expect(await run({ env })).toMatchObject({ code: 0 });
    image.expectPromoted();
  });
});

describe("a promotion needs no folder to be in", () => {
  it("when the one that it was started in has been removed", async () => {
    const gone = await mkdtemp(join(tmpdir(), "promoter-gone-"));
    try {
      const within = ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh"] as const;
      expect(await run({ folder: gone, within })).toMatchObject({ code: 0 });
      image.expectPromoted();
    } finally {
      await rm(gone, { recursive: true, force: true });
    }
  });
});

describe("the termination message", () => {
  it.each(["/dev/full", "/dev/null/message", "/dev"])(
    "stops no promotion where it cannot be written: %s",
    async (path) => {
      const done = await run({ env: { TERMINATION_MESSAGE_PATH: path } });
      expect(done).toMatchObject({ code: 0 });
      expect(done.stderr).toContain("Cannot write the termination message");
      image.expectPromoted();
    },
  );

  it("changes nothing of why a promotion failed", async () => {
    const args = ["promote", `${promotion[1]}-missing`];
    const done = await run({ args, env: { TERMINATION_MESSAGE_PATH: "/dev/full" } });
    expect(done).toMatchObject({ code: 4, stderr: expect.stringContaining("ManifestUnknown") });
  });
});

/** Fails unless nothing at all can be written: neither where programs are nor where they put what passes. */
const nothingIsWritten =
  'for f in / /tmp "$PWD" /dev/shm; do ! touch "$f/promoter-wrote" 2>/dev/null || exit 99; done';

const readOnlyRoot = "mount -o remount,bind,ro /";

/** Every file system that is not the kernel's own. */
const readOnlyEverywhere = `awk '$3 !~ /^(proc|sysfs|cgroup2?)$/ { print $2 }' /proc/self/mounts | sort -u |
  while read -r at; do mount -o remount,bind,ro "$at" 2>/dev/null || true; done`;

describe.skipIf(!hasMountNamespaces())("a promotion writes no file, with mount namespaces", () => {
  it("so that the root file system may be read-only", async () => {
    const within = inMountNamespace(`${readOnlyRoot} && ! touch /promoter-wrote 2>/dev/null`);
    expect(await run({ within })).toMatchObject({ code: 0 });
    image.expectPromoted();
  });

  it("so that nothing at all need be writable, nor any capability be there", async () => {
    // Without root's right to pass over permissions.
    const nobody = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];
    const within = inMountNamespace(`{ ${readOnlyEverywhere}; } && { ${nothingIsWritten}; }`);
    expect(await run({ within: [...within, ...nobody] })).toMatchObject({ code: 0 });
    image.expectPromoted();
  });

  it("and a command that does write says what it could not", async () => {
    const within = inMountNamespace(readOnlyRoot);
    const args = ["init", "--from", "dev.example.com", "--to", "prod.example.com"];
    const done = await run({ within, args, folder: tmpdir() });
    expect(done.code).toBe(2);
    expect(done.stderr).toMatch(/promoter\.yaml.*read-only file system/s);
  });
});
