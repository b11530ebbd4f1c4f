import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import type { PullRequestDraft } from "../../../../job/update/git/change-branch.ts";
import type { GitCredentials } from "../../../../job/update/git/credentials.ts";
import {
  type ForgeName,
  openPullRequests,
  type PullRequestOptions,
} from "../../../../job/update/git/pull-requests/pull-requests.ts";
import { parseRepositoryAddress } from "../../../../job/update/git/repository-address.ts";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

type Answer = readonly [status: number, body: unknown];

/** A server that answers in turn, and remembers what it was asked. */
async function startForge(answers: readonly Answer[]) {
  const asked: Asked[] = [];
  const left = [...answers];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { authorization } = request.headers;
    const body = text === "" ? undefined : JSON.parse(text);
    asked.push({ method: request.method ?? "", url: request.url ?? "", authorization, body });
    const [status, answer] = left.shift() ?? [500, { message: "asked too often" }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const changes = { repository: "r", changes: [] };
const draft: PullRequestDraft = {
  base: "main",
  head: "image-updates",
  title: "Update api",
  body: "- shop",
  changes,
};
const token: GitCredentials = { password: "token-of-a-bot" };

async function open(
  forge: ForgeName,
  answers: readonly Answer[],
  { credentials = token, ...options }: Partial<PullRequestOptions> & { credentials?: GitCredentials } = {},
) {
  await using server = await startForge(answers);
  await using requests = openPullRequests({ forge, env: {}, access: async () => credentials, ...options });
  const address = parseRepositoryAddress(`${server.origin}/team/deploy.git`);
  const url = await requests.open(address, draft, AbortSignal.timeout(10_000));
  return { url, asked: server.asked };
}

const labels = ["images"];

/** What each server says of a request that is open, and what it is asked. */
const forges: Readonly<
  Record<
    ForgeName,
    { open: object; list(open: object[]): unknown; find: string; create: object; asks: string[] }
  >
> = {
  github: {
    open: { number: 7, html_url: "https://github.example.com/pr/7", title: "Update api", body: "- shop" },
    list: (open) => open,
    find: "GET /api/v3/repos/team/deploy/pulls?state=open&base=main&head=team%3Aimage-updates&per_page=1",
    create: { base: "main", head: "image-updates", title: "Update api", body: "- shop" },
    asks: ["POST /api/v3/repos/team/deploy/pulls", "POST /api/v3/repos/team/deploy/issues/7/labels"],
  },
  gitlab: {
    open: { iid: 7, web_url: "https://gitlab.example.com/mr/7", title: "Update api", description: "- shop" },
    list: (open) => open,
    find: "GET /api/v4/projects/team%2Fdeploy/merge_requests?state=opened&source_branch=image-updates&target_branch=main&per_page=1",
    create: {
      source_branch: "image-updates",
      target_branch: "main",
      title: "Update api",
      description: "- shop",
      remove_source_branch: true,
      labels: "images",
    },
    asks: ["POST /api/v4/projects/team%2Fdeploy/merge_requests"],
  },
  gitea: {
    open: {
      number: 7,
      html_url: "https://gitea.example.com/pr/7",
      title: "Update api",
      body: "- shop",
      head: { ref: "image-updates" },
      base: { ref: "main" },
    },
    list: (open) => [{ number: 1, head: { ref: "other" }, base: { ref: "main" } }, ...open],
    find: "GET /api/v1/repos/team/deploy/pulls?state=open&page=1&limit=50",
    create: { base: "main", head: "image-updates", title: "Update api", body: "- shop" },
    asks: ["GET /api/v1/repos/team/deploy/labels?limit=50", "POST /api/v1/repos/team/deploy/pulls"],
  },
  bitbucket: {
    open: {
      id: 7,
      links: { html: { href: "https://bitbucket.example.com/pr/7" } },
      title: "Update api",
      description: "- shop",
    },
    list: (open) => ({ values: open }),
    find: "GET /2.0/repositories/team/deploy/pullrequests?q=state%3D%22OPEN%22+AND+source.branch.name%3D%22image-updates%22+AND+destination.branch.name%3D%22main%22&pagelen=1",
    create: {
      title: "Update api",
      description: "- shop",
      source: { branch: { name: "image-updates" } },
      destination: { branch: { name: "main" } },
      close_source_branch: true,
    },
    asks: ["POST /2.0/repositories/team/deploy/pullrequests"],
  },
};

const names = Object.keys(forges) as ForgeName[];
const linesOf = (asked: readonly Asked[]) => asked.map(({ method, url }) => `${method} ${url}`);

describe.each(names)("pull requests of %s", (name) => {
  const { open: request, list, find, create, asks } = forges[name];
  const address = expect.stringMatching(/^https:\/\/\w+\.example\.com\/\wr\/7$/);

  it("opens one where there is none", async () => {
    const answers: Answer[] = [[200, list([])]];
    if (name === "gitea")
      answers.push([
        200,
        [
          { id: 3, name: "images" },
          { id: 4, name: "x" },
        ],
      ]);
    answers.push([201, request], [200, {}]);
    const { url, asked } = await open(name, answers, { labels });
    expect(url).toEqual(address);
    expect(linesOf(asked)).toEqual([find, ...asks]);
    const body = name === "gitea" ? { ...create, labels: [3] } : create;
    expect(asked.find(({ method }) => method === "POST")?.body).toEqual(body);
    expect(new Set(asked.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer token-of-a-bot"]),
    );
  });

  it("leaves one that says the same as it is", async () => {
    const { url, asked } = await open(name, [[200, list([request])]]);
    expect(url).toEqual(address);
    expect(linesOf(asked)).toEqual([find]);
  });

  it("tells one that is open what it has become", async () => {
    const { url, asked } = await open(name, [
      [200, list([{ ...request, title: "Update web" }])],
      [200, request],
    ]);
    expect(url).toEqual(address);
    expect(asked[1]).toMatchObject({
      method: name === "gitlab" || name === "bitbucket" ? "PUT" : "PATCH",
      url: expect.stringMatching(/\/7$/),
      body: { title: "Update api" },
    });
  });

  it("takes the one that somebody opened at the same time", async () => {
    const { url } = await open(name, [
      [200, list([])],
      [422, { message: "exists" }],
      [200, list([request])],
    ]);
    expect(url).toEqual(address);
  });
});

describe("pull requests", () => {
  it.each([
    [401, "Unauthorized", false],
    [403, "Denied", false],
    [404, "Denied", false],
    [429, "TooManyRequests", true],
    [503, "Unavailable", true],
  ])("say what %i means, without the token", async (status, code, temporary) => {
    const refused = open("github", [[status, { message: "no: Bearer token-of-a-bot" }]]);
    await expect(refused).rejects.toMatchObject({
      code,
      temporary,
      message: expect.not.stringContaining("token-of-a-bot"),
    });
  });

  it("give a name beside a password to Bitbucket", async () => {
    const { asked } = await open("bitbucket", [[200, { values: [forges.bitbucket.open] }]], {
      credentials: { username: "bot", password: "app-password" },
    });
    expect(asked[0]?.authorization).toBe(`Basic ${Buffer.from("bot:app-password").toString("base64")}`);
  });

  it("find the token of a repository that is pushed to by SSH with its HTTPS address", async () => {
    await using server = await startForge([[200, [forges.github.open]]]);
    const seen: string[] = [];
    await using requests = openPullRequests({
      env: {},
      api: server.origin,
      async access({ address }) {
        seen.push(address);
        return address.startsWith("https:") ? token : { sshKey: "key" };
      },
    });
    const address = parseRepositoryAddress("git@github.com:team/deploy.git");
    await requests.open(address, draft, AbortSignal.timeout(10_000));
    expect(seen).toEqual(["git@github.com:team/deploy.git", "https://github.com/team/deploy.git"]);
    expect(server.asked[0]?.authorization).toBe("Bearer token-of-a-bot");
  });

  it("are not guessed to be anywhere", async () => {
    await using requests = openPullRequests({ env: {}, access: async () => token });
    const address = parseRepositoryAddress("https://git.example.com/team/deploy.git");
    await expect(requests.open(address, draft, AbortSignal.timeout(5_000))).rejects.toMatchObject({
      code: "InvalidConfiguration",
    });
  });
});
