import { chmod, cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runProgram, type ToolRun } from "../integration/run-tool.ts";
import {
  crossAccountPull,
  devAccount,
  prodAccount,
  region,
  type TwoAccounts,
  twoAccounts,
} from "../scenarios/two-accounts.ts";
import { secret } from "../secrets/ledger.ts";
import { requireTool } from "../tool.ts";

/** What the overlay and the chart of the pipelines run. */
export const deployed = [
  ["shop/api", "1.4.2"],
  ["shop/web", "3.2.0"],
  ["blog/web", "2.0.1"],
] as const;

const issuer = "ci.example.com";

/** The machine that a pipeline's steps run on, with two accounts of AWS and the API of whoever hosts the code. */
export interface CiWorld extends AsyncDisposable {
  readonly accounts: TwoAccounts;
  readonly host: CodeHost;
  /** A token of the pipeline's identity, which AWS lets into both roles. */
  readonly token: string;
  /** Keys of a role, as an action that logs in leaves them in the environment. */
  keysOf(role: string): Readonly<Record<string, string>>;
  path(name: string): string;
  write(name: string, content: string): Promise<string>;
  read(name: string): Promise<string>;
  /** Runs a step in bash, in the folder with the checked out code. */
  step(script: string, env: Readonly<Record<string, string>>, ...flags: readonly string[]): Promise<ToolRun>;
}

/** @param program the program as it was built: the sources take a second to start. */
export async function ciWorld(program: string): Promise<CiWorld> {
  const accounts = await twoAccounts();
  for (const [name, tag] of deployed) {
    placeImage(accounts.dev(name), image({ seed: name.length }), { tags: [tag] });
    accounts.prod(name);
  }
  for (const [name, tag] of [
    ["shop/api", "1.5.0-rc.1"],
    ["shop/web", "3.3.0-rc.2"],
  ] as const) {
    const repository = accounts.emulator.repository(devAccount, region, name);
    placeImage(repository, image({ seed: tag.length }), { tags: [tag] });
    repository.policyText = crossAccountPull();
  }
  const roles = identities(accounts);
  const host = await codeHost();
  const folder = await checkOut(program);
  const path = (name: string) => join(folder, name);
  return {
    accounts,
    host,
    token: webToken(),
    path,
    keysOf: (name) => {
      const { accessKeyId, secretAccessKey, sessionToken = "" } = roles[name] ?? accounts.role;
      return {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      };
    },
    async write(name, content) {
      await writeFile(path(name), content);
      return path(name);
    },
    read: (name) => readFile(path(name), "utf8"),
    step: (script, env, ...flags) =>
      runProgram("/bin/bash", ["--noprofile", "--norc", ...flags, "-c", script], {
        folder,
        env: {
          HOME: folder,
          PATH: `${path("bin")}:${process.env.PATH}`,
          AWS_ENDPOINT_URL: accounts.emulator.url,
          PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${accounts.emulator.url}`,
          ...env,
        },
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([accounts[Symbol.asyncDispose](), host[Symbol.asyncDispose]()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The example's overlays, a chart, and the programs that examples/ci/Dockerfile puts into the image. */
async function checkOut(built: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "promoter-ci-"));
  await cp("examples/kustomize", folder, { recursive: true });
  await cp("test/examples/blog-chart", join(folder, "charts/blog"), { recursive: true });
  const bin = join(folder, "bin");
  await cp("examples/ci/comment.mjs", join(bin, "comment-on-change"));
  for (const tool of ["kustomize", "helm"] as const) await symlink(requireTool(tool), join(bin, tool));
  const program = join(bin, "image-promoter");
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${built}' "$@"\n`);
  await Promise.all([program, join(bin, "comment-on-change")].map((file) => chmod(file, 0o755)));
  return folder;
}

/** The roles that the examples name, which a token of the pipeline opens. */
function identities({ emulator }: TwoAccounts) {
  const arn = `arn:aws:iam::${prodAccount}:oidc-provider/${issuer}`;
  emulator.store
    .account(prodAccount)
    .oidcProviders.set(arn, { arn, issuer, clientIds: ["sts.amazonaws.com"] });
  const trustPolicy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity", Principal: { Federated: arn } }],
  };
  const read = [
    "GetAuthorizationToken",
    "BatchGetImage",
    "GetDownloadUrlForLayer",
    "BatchCheckLayerAvailability",
  ];
  const write = ["InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"];
  const role = (name: string, actions: readonly string[]) => {
    const statement = { Effect: "Allow", Action: actions.map((action) => `ecr:${action}`), Resource: "*" };
    // The fixture of two accounts has the role that promotes already.
    emulator.store.account(prodAccount).identities.delete(`arn:aws:iam::${prodAccount}:role/${name}`);
    return emulator
      .account(prodAccount)
      .createRole(name, [{ Version: "2012-10-17", Statement: [statement] }], { trustPolicy });
  };
  return {
    "image-promoter-plan": role("image-promoter-plan", read),
    "image-promoter": role("image-promoter", [...read, ...write]),
  } as Readonly<Record<string, ReturnType<typeof role>>>;
}

function webToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = {
    iss: `https://${issuer}`,
    sub: "project:acme/environments",
    aud: "sts.amazonaws.com",
    exp: 4_000_000_000,
  };
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

export interface Comment {
  readonly id: number;
  body: string;
}

/** The API of GitHub or GitLab as far as comments go, and a webhook. */
export interface CodeHost extends AsyncDisposable {
  readonly url: string;
  /** What whoever comments has to show. */
  readonly token: string;
  readonly comments: Comment[];
  /** Paths that were asked for, with their methods. */
  readonly asked: string[];
  /** What was posted to `/hook`. */
  readonly told: string[];
}

async function codeHost(): Promise<CodeHost> {
  const comments: Comment[] = [{ id: 1, body: "Looks good" }];
  const [asked, told]: [string[], string[]] = [[], []];
  const token = secret("xoTk4n9QpLw2Zr7V");
  const answer = async (request: IncomingMessage): Promise<[status: number, content: unknown]> => {
    const [path = ""] = (request.url ?? "").split("?");
    const body = await text(request);
    asked.push(`${request.method} ${path}`);
    if (path === "/hook") return [200, void told.push(body)];
    if (request.headers.authorization !== `Bearer ${token}` && request.headers["private-token"] !== token)
      return [401, {}];
    if (request.method === "GET") return [200, comments];
    const written = JSON.parse(body).body;
    if (request.method === "POST")
      return [201, comments[comments.push({ id: comments.length + 1, body: written }) - 1]];
    const found = comments.find(({ id }) => path.endsWith(`/${id}`));
    if (found === undefined) return [404, {}];
    found.body = written;
    return [200, found];
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, content]) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(content ?? {}));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, token, comments, asked, told },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
