import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface GitServerOptions {
  /** Address to listen at. Default 127.0.0.1. */
  readonly host?: string;
  /** What an Authorization header has to be; anybody may do everything without. */
  readonly authorization?: string;
  /** Whether it is an old one: no part of a commit can be left out, and branches are told all at once. */
  readonly old?: boolean;
  /** Answers instead of git, where it returns true. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A git server that speaks HTTP by `git http-backend`, with the bare repository `team/deploy.git` on branch `main`. */
export interface GitServer extends AsyncDisposable {
  /** The repository's address. */
  readonly address: string;
  readonly origin: string;
  /** Where the repository lies. */
  readonly folder: string;
  /** Headers of the requests that came in. */
  readonly requests: { readonly url: string; readonly authorization: string | undefined }[];
  /** Runs git in the repository. */
  git(...args: readonly string[]): Promise<string>;
  /** The text of a file of a branch. */
  file(path: string, branch?: string): Promise<string>;
  /** Commits files on a branch as somebody else. */
  commit(files: Readonly<Record<string, string>>, branch?: string): Promise<void>;
  /** Writes a hook that the server runs. */
  hook(name: string, script: string): Promise<void>;
}

/** Git without what the machine or its users have configured. */
const env = {
  PATH: process.env.PATH ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.com",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.com",
};

export async function startGitServer(
  files: Readonly<Record<string, string>>,
  options: GitServerOptions = {},
): Promise<GitServer> {
  const { host = "127.0.0.1" } = options;
  const root = await mkdtemp(join(tmpdir(), "git-server-"));
  const folder = join(root, "team", "deploy.git");
  await mkdir(folder, { recursive: true });
  const run = async (cwd: string, args: readonly string[]) => {
    const { stdout } = await execute("git", args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  await run(folder, ["init", "-q", "--bare", "-b", "main"]);
  await run(folder, ["config", "http.receivepack", "true"]);
  await run(folder, ["config", "uploadpack.allowFilter", String(options.old !== true)]);
  const requests: GitServer["requests"] = [];
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    requests.push({ url: request.url ?? "", authorization });
    if (options.before?.(request, response)) return;
    if (options.authorization !== undefined && authorization !== options.authorization) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
      return;
    }
    if (options.old === true) delete request.headers["git-protocol"];
    serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  const self: GitServer = {
    address: `${origin}/team/deploy.git`,
    origin,
    folder,
    requests,
    git: async (...args) => (await run(folder, args)).trim(),
    file: (path, branch = "main") => run(folder, ["show", `${branch}:${path}`]),
    commit: (changed, branch = "main") => commit(run, { root, folder, files: changed, branch }),
    async hook(name, script) {
      await mkdir(join(folder, "hooks"), { recursive: true });
      await writeFile(join(folder, "hooks", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(root, { recursive: true, force: true });
    },
  };
  await self.commit(files);
  return self;
}

interface Commit {
  readonly root: string;
  readonly folder: string;
  readonly files: Readonly<Record<string, string>>;
  readonly branch: string;
}

async function commit(
  run: (cwd: string, args: readonly string[]) => Promise<string>,
  { root, folder, files, branch }: Commit,
): Promise<void> {
  const work = await mkdtemp(join(root, "work-"));
  const exists = (await run(folder, ["branch", "--list", branch])).trim() !== "";
  await run(work, exists ? ["clone", "-q", "-b", branch, folder, "."] : ["clone", "-q", folder, "."]);
  if (!exists) await run(work, ["checkout", "-q", "-B", branch]);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  await run(work, ["add", "--", ...Object.keys(files)]);
  await run(work, ["commit", "-q", "--allow-empty", "-m", "by somebody"]);
  await run(work, ["push", "-q", "origin", `HEAD:refs/heads/${branch}`]);
  await rm(work, { recursive: true, force: true });
}

/** {@link https://git-scm.com/docs/git-http-backend} */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "tester",
      REMOTE_ADDR: "127.0.0.1",
      REQUEST_METHOD: request.method ?? "GET",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: String(request.headers["content-encoding"] ?? ""),
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  let head = Buffer.alloc(0);
  child.stdout.on("data", (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const fields = head.subarray(0, end).toString("latin1").split("\r\n");
    const headers = fields.map((field) => [
      field.slice(0, field.indexOf(":")),
      field.slice(field.indexOf(":") + 1).trim(),
    ]);
    const { Status: status = "200", ...rest } = Object.fromEntries(headers) as Record<string, string>;
    response.writeHead(Number.parseInt(status, 10), rest);
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
}
