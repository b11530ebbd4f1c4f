import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startGitServer } from "./git-server.ts";
import { inEarnest, openGit, setTag } from "./git-world.ts";

it("keeps branches apart, whatever they are called and were called before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "git-test-"));
  await using server = await startGitServer({ "values.yaml": "tag: a\n" });
  await using git = openGit(folder);
  for (const name of ["new", "images", "images/api"]) {
    if (name === "images/api") await server.git("branch", "-D", "images");
    await server.git("branch", name, "main");
    const branch = { repository: server.address, branch: name };
    const outcome = await git.change(branch, setTag("b", branch), inEarnest());
    expect(outcome).toMatchObject({ status: "pushed", branch: name });
  }
  await git[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
