import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { loadPublicGoodRoot } from "../../../job/gates/signature/public-good-root.ts";

let temporaryFolder: string;
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), "root-test-"));
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await chmod(temporaryFolder, 0o700);
  await rm(temporaryFolder, { recursive: true });
});

it("says what to do without a network, and leaves nothing behind", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return new Response("gone", { status: 410 });
  });
  await expect(loadPublicGoodRoot({ temporaryFolder })).rejects.toMatchObject({
    code: "Unavailable",
    temporary: true,
    hint: expect.stringMatching(/tuf-repo-cdn\.sigstore\.dev.*--sigstore-trusted-root/),
  });
  expect(asked[0]).toMatch(/^https:\/\/tuf-repo-cdn\.sigstore\.dev\//);
  expect(await readdir(temporaryFolder)).toEqual([]);
});

it("says what to do when no file can be written", async () => {
  await expect(
    loadPublicGoodRoot({ temporaryFolder: join(temporaryFolder, "missing") }),
  ).rejects.toMatchObject({
    code: "InvalidConfiguration",
    temporary: false,
    hint: expect.stringContaining("TMPDIR=/dev/shm"),
  });
});
