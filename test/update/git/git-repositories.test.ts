import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../job/async/clock.ts";
import type { FileTree } from "../../../job/update/application.ts";
import type { GitOptions } from "../../../job/update/git/git-repositories.ts";
import { targetWriter } from "../../../job/update/write/target-writer.ts";
import { describeWithTool } from "../../tool.ts";
import { startGitServer } from "./git-server.ts";
import { author, inEarnest, openGit, setTag } from "./git-world.ts";

const execute = promisify(execFile);

let temporaryFolder: string;
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), "git-test-"));
});
afterEach(async () => {
  // Whatever was kept is gone by now.
  expect(await readdir(temporaryFolder)).toEqual([]);
  await rm(temporaryFolder, { recursive: true });
});

/** In place of git, one that writes down what it was started with. */
async function recordingGit() {
  const folder = await mkdtemp(join(tmpdir(), "recording-git-"));
  const { stdout } = await execute("sh", ["-c", "command -v git"]);
  const script = `#!/bin/sh\necho "$@" >> ${folder}/seen\nexec ${stdout.trim()} "$@"\n`;
  await writeFile(join(folder, "git"), script, { mode: 0o755 });
  return {
    env: { PATH: `${folder}:${process.env.PATH}` },
    started: () => readFile(join(folder, "seen"), "utf8"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

const open = (options?: Partial<GitOptions>) => openGit(temporaryFolder, options);

describe("changing a branch", () => {
  it("pushes one commit, whose files differ by the value alone", async () => {
    const values = "\uFEFF# ours\r\ntag: '1.4.2'   # now\r\n";
    await using server = await startGitServer({ "values.yaml": values, "deep/b.txt": "b" });
    await using git = open();
    const branch = { repository: server.address };

    const outcome = await git.change(branch, setTag("1.5.0", branch), inEarnest());

    expect(outcome).toMatchObject({ status: "pushed", branch: "main" });
    expect(await server.git("rev-parse", "main")).toBe(outcome.commit);
    expect(await server.file("values.yaml")).toBe(values.replace("1.4.2", "1.5.0"));
    expect(await server.git("diff", "--numstat", "main~1", "main")).toBe("1\t1\tvalues.yaml");
    expect(await server.git("log", "-1", "--format=%an <%ae>|%cn <%ce>|%B", "main")).toBe(
      "Promoter <promoter@example.com>|Promoter <promoter@example.com>|Update api from 1.4.2 to 1.5.0\n\n- shop: registry.example.com/shop/api 1.4.2 -> 1.5.0",
    );
    expect(await server.git("fsck", "--strict")).toBe("");
    const again = await git.change(branch, setTag("1.5.0", branch), inEarnest());
    expect(again).toEqual({ status: "unchanged", branch: "main" });
    expect(await server.git("rev-list", "--count", "main")).toBe("2");
  });

  it("pushes nothing when it is tried out", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = { repository: server.address, branch: "main" };
    const outcome = await git.change(branch, setTag("b", branch), { ...inEarnest(), dryRun: true });
    expect(outcome).toEqual({ status: "planned", branch: "main" });
    expect(await server.git("rev-list", "--all", "--count")).toBe("1");
  });

  it("gets through beside nine others who push at the same time", { timeout: 180_000 }, async () => {
    const writers = Array.from({ length: 10 }, (_, number) => `w${number}.yaml`);
    const files = Object.fromEntries(writers.map((path) => [path, "tag: old # keep\n"]));
    await using server = await startGitServer({ ...files, "values.yaml": "tag: a\n" });
    const outcomes = await Promise.all(
      writers.map(async (path) => {
        await using git = open({ clock: systemClock });
        const branch = { repository: server.address, branch: "main" };
        return await git.change(branch, setTag("new", branch, path), inEarnest());
      }),
    );
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["pushed"]));
    // Every commit has one parent and one file: nobody's work was lost or done twice.
    expect(await server.git("rev-list", "--count", "main")).toBe("11");
    expect(await server.git("rev-list", "--merges", "--count", "main")).toBe("0");
    for (const path of writers) expect(await server.file(path)).toBe("tag: new # keep\n");
    for (const { commit = "" } of outcomes) {
      expect(await server.git("diff", "--numstat", `${commit}~1`, commit)).toMatch(/^1\t1\tw\d\.yaml$/);
    }
  });

  it("decides anew when somebody pushed meanwhile", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = { repository: server.address, branch: "main" };
    const seen: (string | undefined)[] = [];
    const outcome = await git.change(
      branch,
      async (tree) => {
        seen.push(await tree.read("values.yaml"));
        if (seen.length === 1) await server.commit({ "values.yaml": "# moved\n\ntag: x\n" });
        return setTag("b", branch)(tree);
      },
      inEarnest(),
    );
    expect(outcome.status).toBe("pushed");
    expect(seen).toEqual(["tag: a\n", "# moved\n\ntag: x\n"]);
    expect(await server.file("values.yaml")).toBe("# moved\n\ntag: b\n");
  });
});

describe("copies of repositories", () => {
  it("are made anew after a while, and the old ones go", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open({ renewAfter: 2 });
    const branch = { repository: server.address };
    const copies = async () => {
      const [home = ""] = await readdir(temporaryFolder);
      return (await readdir(join(temporaryFolder, home))).filter((name) => name.startsWith("repository-"));
    };
    await git.change(branch, setTag("b", branch), inEarnest());
    const [first] = await copies();
    await git.change(branch, setTag("c", branch), inEarnest());
    expect(await copies()).toEqual([]);
    await git.change(branch, setTag("d", branch), inEarnest());
    expect(await copies()).toHaveLength(1);
    expect(await copies()).not.toEqual([first]);
    expect(await server.file("values.yaml")).toBe("tag: d\n");
  });

  it("serve several branches at the same time", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    for (const name of ["one", "two", "three"]) await server.git("branch", name);
    await using git = open();
    const branches = ["one", "two", "three"].map((branch) => ({ repository: server.address, branch }));
    await Promise.all(
      branches.map((branch) => git.change(branch, setTag(branch.branch, branch), inEarnest())),
    );
    for (const { branch } of branches)
      expect(await server.file("values.yaml", branch)).toBe(`tag: ${branch}\n`);
  });
});

describe("another branch than the one that is read", () => {
  const from = (repository: string, writeBranch = "image-updates") => ({
    repository,
    branch: "main",
    writeBranch,
  });

  it("begins where the branch is, is made anew while it is our own, and has one commit", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n", "other.yaml": "x: 1\n" });
    await using git = open();
    const branch = from(server.address);
    expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({
      status: "pushed",
      branch: "image-updates",
    });
    expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ status: "unchanged" });
    await server.commit({ "other.yaml": "x: 2\n" });
    expect(await git.change(branch, setTag("c", branch), inEarnest())).toMatchObject({ status: "pushed" });
    expect(await server.git("rev-list", "--count", "main..image-updates")).toBe("1");
    expect(await server.git("rev-list", "--count", "image-updates..main")).toBe("0");
    expect(await server.file("values.yaml", "image-updates")).toBe("tag: c\n");
    expect(await server.file("values.yaml")).toBe("tag: a\n");
  });

  it("is written to an old server too", async () => {
    const files = { "values.yaml": "tag: a\n", "big.bin": "x".repeat(400_000) };
    await using server = await startGitServer(files, { old: true });
    await using git = open();
    const branch = from(server.address);
    for (const tag of ["b", "c"])
      expect(await git.change(branch, setTag(tag, branch), inEarnest())).toMatchObject({ status: "pushed" });
    expect(await server.git("diff", "--numstat", "main", "image-updates")).toBe("1\t1\tvalues.yaml");
    expect(await server.git("rev-list", "--count", "main..image-updates")).toBe("1");
  });

  it("begins anew when it was merged", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = from(server.address);
    await git.change(branch, setTag("b", branch), inEarnest());
    await server.git("update-ref", "refs/heads/main", "image-updates");
    await server.commit({ "more.txt": "x" });
    await git.change(branch, setTag("c", branch), inEarnest());
    expect(await server.git("rev-list", "--count", "image-updates..main")).toBe("0");
    expect(await server.git("rev-list", "--count", "main..image-updates")).toBe("1");
  });

  it("keeps what others have committed to it", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = from(server.address);
    await git.change(branch, setTag("b", branch), inEarnest());
    await server.commit({ "note.txt": "by hand" }, "image-updates");
    expect(await git.change(branch, setTag("c", branch), inEarnest())).toMatchObject({ status: "pushed" });
    expect(await server.file("note.txt", "image-updates")).toBe("by hand");
    expect(await server.file("values.yaml", "image-updates")).toBe("tag: c\n");
    expect(await git.change(branch, setTag("c", branch), inEarnest())).toMatchObject({ status: "unchanged" });
  });

  it.each([
    ["update-{{application}}-{{#each changes}}{{tag}}{{/each}}", "update-shop-b"],
    ["image-updater{{range .Images}}-{{.Alias}}-{{.NewTag}}{{end}}", "image-updater-api-b"],
    ["x~^: y/../{{one.image}}.lock", "x-y/registry.example.com/shop/api-lock"],
  ])("is named by %s", async (template, name) => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = from(server.address, template);
    expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ branch: name });
    expect(await server.git("branch", "--format=%(refname:short)")).toContain(name);
  });

  it("gets a pull request, which says what the commit says", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    const drafts: object[] = [];
    await using git = open({
      pullRequests: {
        async open({ path }, { base, head, title, body }) {
          drafts.push({ path, base, head, title, body });
          return "https://git.example.com/1";
        },
        async [Symbol.asyncDispose]() {},
      },
    });
    const branch = from(server.address);
    const draft = {
      path: "team/deploy",
      base: "main",
      head: "image-updates",
      title: "Update api from a to b",
      body: "- shop: registry.example.com/shop/api a -> b",
    };
    const first = await git.change(branch, setTag("b", branch), inEarnest());
    const again = await git.change(branch, setTag("b", branch), inEarnest());
    expect([first.pullRequest, again.pullRequest]).toEqual(Array(2).fill("https://git.example.com/1"));
    expect(drafts).toEqual([draft, draft]);
    await git.change(branch, setTag("c", branch), { ...inEarnest(), dryRun: true });
    expect(drafts).toHaveLength(2);
  });
});

describe("a server that refuses", () => {
  it("is told with the words of its hook, and not asked again", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await server.hook("pre-receive", "echo 'blocked: main is protected' >&2; exit 1");
    await using git = open();
    const branch = { repository: server.address };
    await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
      code: "Denied",
      temporary: false,
      message: expect.stringMatching(
        /refuses the push to main: pre-receive hook declined: blocked: main is protected$/,
      ),
    });
    expect(server.requests.filter(({ url }) => url.endsWith("git-receive-pack"))).toHaveLength(2);
  });

  it.each([
    ["a branch that is not there", { branch: "nowhere" }, "InvalidConfiguration", /has no branch nowhere$/],
    [
      "a branch that is an option",
      { branch: "--upload-pack=x" },
      "InvalidConfiguration",
      /is no name of a branch/,
    ],
  ])("is told: %s", async (_what, more, code, message) => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open();
    const branch = { repository: server.address, ...more };
    await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    [401, "Unauthorized", false],
    [403, "Denied", false],
    [404, "InvalidConfiguration", false],
    [302, "RedirectRefused", false],
    [503, "Network", true],
  ])("is told: %i", async (status, code, temporary) => {
    await using server = await startGitServer(
      { "values.yaml": "tag: a\n" },
      {
        before(request, response) {
          response.writeHead(status, { location: `http://localhost:1${request.url}` }).end();
          return true;
        },
      },
    );
    await using git = open({ access: async () => ({ password: "a-token-of-mine" }) });
    const branch = { repository: server.address, branch: "main" };
    await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
      code,
      temporary,
      message: expect.not.stringContaining("a-token-of-mine"),
    });
  });
});

describe("secrets", () => {
  const password = "a-token-of-mine";
  const basic = (name: string) => `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;

  it("go to the server, and never into the arguments of a program", async () => {
    await using recording = await recordingGit();
    await using server = await startGitServer({ "values.yaml": "tag: a\n" }, { authorization: basic("bot") });
    {
      await using git = open({
        env: recording.env,
        access: async () => ({ username: "bot", password }),
      });
      const branch = { repository: server.address };
      expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ status: "pushed" });
    }
    const started = await recording.started();
    expect(started).toMatch(/^push --porcelain/m);
    expect(started).not.toContain(password);
    expect(started).not.toContain(basic("bot").slice(6));
  });

  it("are taken out of addresses", async () => {
    await using server = await startGitServer(
      { "values.yaml": "tag: a\n" },
      { authorization: basic("x-access-token") },
    );
    await using git = open();
    const branch = { repository: server.address.replace("://", `://x-access-token:${password}@`) };
    expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ status: "pushed" });
    const wrong = { repository: server.address.replace("://", "://x:wrong-password@") };
    await expect(git.change(wrong, setTag("c", wrong), inEarnest())).rejects.toMatchObject({
      code: "Unauthorized",
      message: expect.not.stringContaining("wrong-password"),
    });
  });

  it("are a key and known hosts over SSH, which nobody else can read", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    // In place of ssh, one that writes down its options and runs here what it should run there.
    const ssh = `#!/bin/sh\nfor last; do :; done\nprintf '%s\\n' "$@" > ${temporaryFolder}/seen\nkey=$(printf '%s\\n' "$@" | sed -n 's/^IdentityFile="\\(.*\\)"/\\1/p')\n{ cat "$key"; stat -c %a "$key"; } > ${temporaryFolder}/key\neval "$last"\n`;
    await writeFile(join(temporaryFolder, "ssh"), ssh, { mode: 0o755 });
    {
      await using git = open({
        env: { PATH: `${temporaryFolder}:${process.env.PATH}` },
        access: async () => ({ sshKey: "the key", knownHosts: "git.example.com ssh-ed25519 AAAA" }),
      });
      const branch = { repository: `git@git.example.com:${server.folder.slice(1)}` };
      const absolute = { repository: `ssh://git@git.example.com${server.folder}` };
      expect(await git.change(absolute, setTag("b", absolute), inEarnest())).toMatchObject({
        status: "pushed",
      });
      await expect(git.change(branch, setTag("c", branch), inEarnest())).rejects.toBeDefined();
    }
    expect(await readFile(join(temporaryFolder, "key"), "utf8")).toBe("the key\n600\n");
    const options = (await readFile(join(temporaryFolder, "seen"), "utf8")).split("\n");
    expect(options).toEqual(
      expect.arrayContaining(["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"]),
    );
    for (const file of ["seen", "key", "ssh"]) await rm(join(temporaryFolder, file));
  });
});

describeWithTool(["gpg", "ssh-keygen"], () => {
  it("signs by a key of SSH", async () => {
    const key = join(temporaryFolder, "id");
    await execute("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key, "-C", author.email]);
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    {
      await using git = open({
        signingKey: { format: "ssh", key: await readFile(key, "utf8") },
        commits: { author, signOff: true },
      });
      const branch = { repository: server.address };
      expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ status: "pushed" });
    }
    await writeFile(
      join(temporaryFolder, "signers"),
      `${author.email} ${await readFile(`${key}.pub`, "utf8")}`,
    );
    await server.git("config", "gpg.ssh.allowedSignersFile", join(temporaryFolder, "signers"));
    expect(await server.git("log", "-1", "--format=%G? %GS", "main")).toBe(`G ${author.email}`);
    expect(await server.git("log", "-1", "--format=%(trailers:key=Signed-off-by)", "main")).toBe(
      "Signed-off-by: Promoter <promoter@example.com>",
    );
    for (const file of ["id", "id.pub", "signers"]) await rm(join(temporaryFolder, file));
  });

  it("signs by a key of OpenPGP, whose agent goes with it", async () => {
    const home = await mkdtemp(join(tmpdir(), "gpg-"));
    const gpg = async (...args: readonly string[]) => {
      const run = await execute("gpg", ["--homedir", home, "--batch", "--passphrase", "", ...args]);
      return run.stdout;
    };
    await gpg("--quick-gen-key", `Promoter <${author.email}>`, "ed25519", "sign", "1d");
    const key = await gpg("--armor", "--export-secret-keys");
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    {
      await using git = open({ signingKey: { format: "openpgp", key } });
      const branch = { repository: server.address };
      expect(await git.change(branch, setTag("b", branch), inEarnest())).toMatchObject({ status: "pushed" });
    }
    const signed = await execute("git", ["log", "-1", "--format=%G?", "main"], {
      cwd: server.folder,
      env: { PATH: process.env.PATH, GNUPGHOME: home },
    });
    expect(signed.stdout).toBe("G\n");
    await execute("gpgconf", ["--homedir", home, "--kill", "all"]);
    await rm(home, { recursive: true, force: true });
  });

  it("signs with no key that cannot", async () => {
    await using server = await startGitServer({ "values.yaml": "tag: a\n" });
    await using git = open({ signingKey: { format: "openpgp", key: "no key" } });
    const branch = { repository: server.address };
    await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
      code: "InvalidConfiguration",
    });
  });
});

describe("what a repository holds", () => {
  it("is read by few processes, however many files there are", async () => {
    const marked = (tag: string) => `tag: ${tag} # {"$image": "api:tag"}\n`;
    const names = Array.from({ length: 300 }, (_, number) => `apps/${number % 7}/${number}.yaml`);
    const plain = Object.fromEntries(names.map((name, number) => [name, `number: ${number}\n`]));
    await using server = await startGitServer({
      ...plain,
      "apps/3/zz.yaml": marked("a"),
      "apps/x.yaml": marked("a"),
    });
    await using recording = await recordingGit();
    await using git = open({ env: recording.env });
    const branch = { repository: server.address };
    const edit = async (tree: FileTree) => {
      const target = { kind: "marker", path: "apps", name: "api" } as const;
      const edits = await targetWriter.write(tree, target, { name: "api", tag: "b" });
      const change = { application: "a", alias: "api", image: "api", from: {}, to: { tag: "b" }, edits };
      return { ...branch, changes: [change] };
    };
    expect(await git.change(branch, edit, inEarnest())).toMatchObject({ status: "pushed" });
    expect(await server.file("apps/3/zz.yaml")).toBe(marked("b"));
    expect((await recording.started()).match(/^cat-file/gm)).toHaveLength(2);
    expect(await server.git("diff", "--name-only", "main~1", "main")).toBe("apps/3/zz.yaml\napps/x.yaml");
  });

  it("is neither followed, filtered nor run", async () => {
    await using server = await startGitServer({
      "values.yaml": "tag: a\r\n",
      "big.bin": "x".repeat(400_000),
    });
    // Whoever checked the file out and in again would change the ends of its lines.
    await server.commit({ ".gitattributes": "*.yaml text eol=lf ident filter=other\n" });
    await using git = open();
    const branch = { repository: server.address };
    await git.change(branch, setTag("b", branch), inEarnest());
    expect(await server.file("values.yaml")).toBe("tag: b\r\n");
    expect((await server.file("big.bin")).length).toBe(400_000);
  });

  it("is fetched when it is read, where it is large", async () => {
    const large = `tag: a\n# ${"x".repeat(400_000)}\n`;
    const authorization = `Basic ${Buffer.from("x-access-token:a-token-of-mine").toString("base64")}`;
    await using server = await startGitServer({ "values.yaml": large }, { authorization });
    await using git = open({ access: async () => ({ password: "a-token-of-mine" }) });
    const branch = { repository: server.address };
    await git.change(branch, setTag("b", branch), inEarnest());
    expect(await server.file("values.yaml")).toBe(large.replace("tag: a", "tag: b"));
    // Once for the commit, once for the file.
    const fetches = server.requests.filter(({ url }) => url.includes("info/refs?service=git-upload-pack"));
    expect(fetches.length).toBeGreaterThanOrEqual(2);
  });

  it("is no link to elsewhere", async () => {
    await using server = await startGitServer({ "real.yaml": "tag: a\n" });
    const link = await server.git("rev-parse", "main:real.yaml");
    const index = { cwd: server.folder, env: { ...process.env, GIT_INDEX_FILE: join(server.folder, "i") } };
    await execute("git", ["update-index", "--add", "--cacheinfo", `120000,${link},values.yaml`], index);
    const { stdout: tree } = await execute("git", ["write-tree"], index);
    const made = await server.git(
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit-tree",
      "-m",
      "link",
      tree.trim(),
    );
    await server.git("update-ref", "refs/heads/main", made);
    await using git = open();
    const branch = { repository: server.address };
    await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
      code: "InvalidInput",
      message: "values.yaml is a symbolic link",
    });
  });
});

it("says how to come by git where there is none", async () => {
  await using git = open({ env: { PATH: "/nonexistent" } });
  const branch = { repository: "https://git.example.com/a.git" };
  await expect(git.change(branch, setTag("b", branch), inEarnest())).rejects.toMatchObject({
    code: "InvalidConfiguration",
    hint: expect.stringContaining("-git"),
  });
});
