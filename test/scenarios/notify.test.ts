import { beforeAll, describe, expect, it } from "vitest";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { selfSigned } from "../kubernetes/self-signed.ts";
import { type Answering, serve, type TestServer } from "../registry/sockets.ts";
import { secret } from "../secrets/ledger.ts";
import type { CommandOptions } from "./command-run.ts";
import { prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const patience = { connectMs: 5_000, answerMs: 5_000, apiAnswerMs: 5_000 };
/** For those who do not answer. Long enough for registries that do, on a busy machine. */
const impatience = { ...patience, answerMs: 600 };
const accept: Answering = (_seen, response) => response.end("ok");
const path = secret("/services/T0001/B0002/zAq8wLrPb5sXk3Vn");

/** Promotes one image, and has who listens at `hook` told of it. */
async function promoteOne(
  world: TwoAccounts,
  hook: string,
  options: CommandOptions & { args?: string[] } = {},
) {
  const { args = [], ...rest } = options;
  return world.promote([`${prodHost}/team/app:1`, ...args], {
    patience,
    ...rest,
    env: { PROMOTER_NOTIFY: `\${env:HOOK}`, HOOK: hook, ...rest.env },
  });
}

async function worldWithImage(): Promise<TwoAccounts> {
  const world = await twoAccounts();
  placeImage(world.dev("team/app"), image(), { tags: ["1"] });
  world.prod("team/app");
  return world;
}

const addressOf = (server: TestServer) => `${server.url.origin}${path}`;

describe("promote --notify", () => {
  it("posts the report that it prints, as it is", async () => {
    await using world = await worldWithImage();
    await using server = await serve(accept);
    const { code, report } = await promoteOne(world, addressOf(server));
    expect(code).toBe(0);
    expect(server.seen).toHaveLength(1);
    const [seen] = server.seen;
    expect(seen).toMatchObject({
      method: "POST",
      path,
      headers: {
        "content-type": "application/json",
        "user-agent": expect.stringMatching(/^argocd-image-promoter\/\d/),
        "idempotency-key": expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(JSON.parse(seen?.body ?? "")).toEqual(report);
  });

  it("posts a message of Slack's where that is wanted", async () => {
    await using world = await worldWithImage();
    await using server = await serve(accept);
    await promoteOne(world, addressOf(server), { args: ["--notify-format", "slack"] });
    const message = JSON.parse(server.seen[0]?.body ?? "");
    expect(message.text).toMatch(/^✅ Promotion: 1 image: 1 copied, .* in /);
    expect(message.blocks[0].type).toBe("rich_text");
  });

  it.each([
    { on: "changes", first: 1, again: 0, failing: 1 },
    { on: "always", first: 1, again: 1, failing: 1 },
    { on: "failure", first: 0, again: 0, failing: 1 },
  ])(
    "$on: tells of a copy $first, of nothing to do $again, of a failure $failing times",
    async (expected) => {
      await using world = await worldWithImage();
      await using server = await serve(accept);
      const told = async (args: string[]) => {
        const before = server.seen.length;
        await promoteOne(world, addressOf(server), { args });
        return server.seen.length - before;
      };
      const args = ["--notify-when", expected.on];
      expect(await told(args)).toBe(expected.first);
      expect(await told(args)).toBe(expected.again);
      expect(await told([...args, `${prodHost}/team/app:missing`])).toBe(expected.failing);
    },
  );

  it("tells of a promotion that never came to a report, and not of a plan", async () => {
    await using world = await worldWithImage();
    await using server = await serve(accept);
    const options = { patience, env: { PROMOTER_NOTIFY: addressOf(server), PROMOTER_NOTIFY_WHEN: "always" } };
    const run = await world.run(["promote", "-f", "-"], { ...options, input: "" });
    expect(run.code).toBe(2);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toMatchObject({
      kind: "PromotionFailure",
      error: { code: "InvalidInput", temporary: false },
    });
    expect(await world.run(["promote", "--dry-run", `${prodHost}/team/app:1`], options)).toMatchObject({
      code: 0,
    });
    expect(server.seen).toHaveLength(1);
  });

  it("tells everybody whom the file names, those of the environment instead of those of all", async () => {
    await using world = await worldWithImage();
    await using server = await serve(accept);
    const [token, other] = [secret("kW3nVq9rTz6yLs1c"), secret("pD7fXh2mQb8uRj4e")];
    const file = `apiVersion: image-promoter/v1
kind: Promoter
notify: [{url: "\${env:HOOK}/all"}]
environments:
  development: {account: "111111111111", region: eu-west-1}
  production:
    account: "222222222222"
    region: eu-west-1
    promotesFrom: [development]
    notify:
      - {url: "\${env:HOOK}/one", headers: {Authorization: "Bearer \${env:TOKEN}"}}
      - {url: file:hook, format: slack, headers: {X-Token: "file:token"}}
`;
    const { code, stderr } = await promoteOne(world, addressOf(server), {
      env: {
        PROMOTER_FROM: "",
        PROMOTER_TO: "",
        PROMOTER_NOTIFY: "",
        PROMOTER_CONFIG: "conf/promoter.yaml",
        TOKEN: token,
      },
      files: {
        "conf/promoter.yaml": file,
        "conf/hook": `${addressOf(server)}/two\n`,
        "conf/token": `${other}\n`,
      },
    });
    expect(code).toBe(0);
    const told = server.seen.toSorted((a, b) => a.path.localeCompare(b.path));
    expect(stderr).not.toContain("warn");
    expect(told.map((seen) => seen.path)).toEqual([`${path}/one`, `${path}/two`]);
    expect(told[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(told[1]?.headers["x-token"]).toBe(other);
    expect(JSON.parse(told[1]?.body ?? "").text).toMatch(/^✅ Promotion to production: /);
  });

  it("sends the Authorization header of the variable", async () => {
    await using world = await worldWithImage();
    await using server = await serve(accept);
    const token = secret("Bearer hY5gNc0vWp3xZk6t");
    await promoteOne(world, addressOf(server), { env: { PROMOTER_NOTIFY_AUTHORIZATION: token } });
    expect(server.seen[0]?.headers.authorization).toBe(token);
  });
});

describe("a notification that fails leaves the promotion alone, says so, and tells no secret:", () => {
  let certificate: { key: string; cert: string };
  beforeAll(() => {
    const { key, certificate: cert } = selfSigned();
    certificate = { key, cert };
  });

  /** What the log says when somebody answers so, after how many requests. */
  async function failing(
    answering: Answering,
    options: CommandOptions & { tls?: boolean; args?: string[] } = {},
  ) {
    const { tls = false, ...rest } = options;
    await using world = await worldWithImage();
    await using server = await serve(answering, tls ? certificate : undefined);
    const started = performance.now();
    const { code, stderr } = await promoteOne(world, addressOf(server), rest);
    const warnings = stderr
      .split("\n")
      .filter((line) => line.includes('"warn"'))
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0].to).toBe(server.url.origin);
    expect(stderr).not.toContain("/services/");
    return { ...warnings[0], requests: server.seen.length, ms: performance.now() - started };
  }

  it("an error of the server, after several attempts", async () => {
    const told = await failing((_seen, response) => response.writeHead(500).end("broken"), {
      patience: patience,
    });
    expect(told.requests).toBe(4);
    expect(told).toMatchObject({ code: "Unavailable", msg: expect.stringContaining("answered 500: broken") });
  });

  it("a refusal, once, whatever it repeats of the request", async () => {
    const told = await failing((seen, response) =>
      response.writeHead(404).end(`no_service ${seen.path} http://${seen.headers.host}${seen.path}`),
    );
    expect(told.requests).toBe(1);
    expect(told).toMatchObject({
      code: "InvalidResponse",
      msg: expect.stringContaining("answered 404: no_service"),
    });
  });

  it("a server that says nothing", async () => {
    const told = await failing(() => {}, { patience: impatience });
    expect(told).toMatchObject({ code: "Timeout", hint: expect.stringContaining("can be reached") });
    expect(told.ms).toBeLessThan(10_000);
  });

  it("a server that never ends its answer", async () => {
    const told = await failing(
      (_seen, response) => {
        const drip = setInterval(() => response.write("."), 50);
        response.on("close", () => clearInterval(drip));
        response.writeHead(200);
      },
      { patience: impatience },
    );
    expect(told.code).toBe("Timeout");
    expect(told.ms).toBeLessThan(10_000);
  });

  it("a wait that is asked for and is longer than the time there is", async () => {
    const told = await failing((_seen, response) => response.writeHead(429, { "retry-after": "60" }).end(), {
      patience: impatience,
    });
    expect(told).toMatchObject({ code: "Timeout", requests: 1 });
    expect(told.ms).toBeLessThan(10_000);
  });

  it("a redirect to another origin, which hears nothing", async () => {
    await using elsewhere = await serve(accept);
    const told = await failing((seen, response) =>
      response.writeHead(307, { location: `${elsewhere.url.origin}${seen.path}` }).end(),
    );
    expect(elsewhere.seen).toEqual([]);
    expect(told).toMatchObject({
      code: "RedirectRefused",
      requests: 1,
      msg: expect.stringContaining(`to ${elsewhere.url.origin}`),
    });
  });

  it("a redirect that asks for another request", async () => {
    const told = await failing((_seen, response) => response.writeHead(302, { location: "/login" }).end());
    expect(told).toMatchObject({ code: "InvalidResponse", requests: 1 });
  });

  it("a redirect in a circle", async () => {
    const told = await failing((seen, response) => response.writeHead(308, { location: seen.path }).end());
    expect(told).toMatchObject({ code: "RedirectRefused", requests: 4 });
  });

  it("a certificate that nobody vouches for", async () => {
    const told = await failing(accept, { tls: true });
    expect(told).toMatchObject({
      requests: 0,
      code: "Network",
      hint: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
  });

  it.each([
    {
      why: "a variable that is not set",
      env: { PROMOTER_NOTIFY: `\${env:NOWHERE}` },
      says: "NOWHERE is not set",
    },
    {
      why: "a file that is not there",
      env: { PROMOTER_NOTIFY: "file:/nowhere/hook" },
      says: "/nowhere/hook: ENOENT",
    },
    { why: "what is no address", env: { HOOK: secret("not-an-address-4711") }, says: "is none of HTTP" },
    {
      why: "a header of several lines",
      env: { PROMOTER_NOTIFY_AUTHORIZATION: `\${env:TOKEN}`, TOKEN: `${secret("aB3dE5fG7hJ9")}\nx: y` },
      says: "holds what no header may",
    },
  ])("$why", async ({ env, says }) => {
    await using world = await worldWithImage();
    const { code, stderr } = await promoteOne(world, "http://127.0.0.1:1", { env });
    expect(code).toBe(0);
    expect(stderr).toContain(says);
  });
});

describe("notifications", () => {
  it("follow where the same request is asked for on the same origin", async () => {
    await using world = await worldWithImage();
    await using server = await serve((seen, response) => {
      if (seen.path !== "/moved") response.writeHead(307, { location: "/moved" });
      response.end();
    });
    const { stderr } = await promoteOne(world, addressOf(server));
    expect(stderr).not.toContain('"warn"');
    expect(server.seen.map(({ body }) => body)[1]).toBe(server.seen[0]?.body);
  });

  it("are tried again until they succeed, under the same key", async () => {
    await using world = await worldWithImage();
    let left = 2;
    await using server = await serve((_seen, response) => {
      left -= 1;
      response.writeHead(left < 0 ? 200 : 503).end();
    });
    const { stderr } = await promoteOne(world, addressOf(server), {
      patience: patience,
    });
    expect(stderr).not.toContain('"warn"');
    expect(server.seen).toHaveLength(3);
    expect(new Set(server.seen.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
  });

  it.each([
    {
      flag: ["--notify", `https://hooks.slack.com${path}`],
      says: "The address of a Slack webhook is a secret",
    },
    {
      flag: ["--notify-authorization", secret("Bearer sN4bMv8cXz2lKj6h")],
      says: "Authorization header to notify with is",
    },
    { flag: ["--notify", `\${HOOK}`], says: "Cannot read a reference to a secret" },
    { flag: ["--notify", "https://me:password@example.com/"], says: "has a user name in it" },
  ])(
    "are refused with secrets on the command line: $says",
    async ({ flag: [name = "", value = ""], says }) => {
      await using world = await twoAccounts();
      const run = await world.run(["promote", `${prodHost}/team/app:1`, name, value]);
      expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
    },
  );
});
