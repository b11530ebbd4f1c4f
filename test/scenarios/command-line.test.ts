import { describe, expect, it } from "vitest";
import type { PromotionReport } from "../../job/promotion/report.ts";
import { version } from "../../job/version.ts";
import { referrer, signature, withAttestations } from "../fixtures/attachments.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { runCommand } from "./command-run.ts";
import { devHost, prodAccount, prodHost, region, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;
const routed = { PROMOTER_FROM: devHost, PROMOTER_TO: prodHost };

describe("wrong usage ends with 2, before anything is asked", () => {
  it.each([
    { why: "no command", args: ["frobnicate"], says: "unknown command" },
    { why: "an unknown option", args: ["promote", "--frm", "x"], says: "--from" },
    { why: "no routes", args: ["promote", app], env: {}, says: "--from" },
    { why: "no images", args: ["promote"], says: "PROMOTER_IMAGES" },
    { why: "a malformed image", args: ["promote", "App:1"], says: "App" },
    { why: "a malformed digest", args: ["promote", `${app}@sha256:1`], says: "digest" },
    {
      why: "a malformed variable",
      args: ["promote", app],
      env: { ...routed, PROMOTER_CONCURRENCY: "many" },
      says: "PROMOTER_CONCURRENCY",
    },
    { why: "a route to itself", args: ["promote", app, "--from", prodHost], says: "itself" },
    { why: "a file that is not there", args: ["promote", "-f", "/nowhere/x.yaml"], says: "/nowhere/x.yaml" },
    {
      why: "manifests that are no YAML",
      args: ["promote", "-f", "-"],
      input: "a: [",
      says: "standard input:1:5",
    },
    {
      why: "a configuration with a typing mistake",
      args: ["promote", "--config", "c.yaml"],
      says: "c.yaml:3",
    },
    {
      why: "a route missing under strict",
      args: ["promote", "nginx:1", "--strict"],
      says: "docker.io/library/nginx:1",
    },
    { why: "a format that we do not have", args: ["promote", app, "-o", "xml"], says: "Allowed choices" },
    { why: "a shell that we do not know", args: ["completion", "tcsh"], says: "tcsh" },
  ])("$why", async ({ args, says, env = routed, input }) => {
    const files = { "c.yaml": "apiVersion: image-promoter/v1\nkind: Promoter\nrotes: []\n" };
    const run = await runCommand(args, { env, files, ...(input !== undefined && { input }) });
    expect(run).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(says) });
  });
});

describe("help", () => {
  it.each([
    ["--help"],
    ["promote", "--help"],
    ["plan", "--help"],
    ["doctor", "--help"],
    ["completion", "--help"],
  ])("%s %s", async (...args) => {
    const run = await runCommand(args.filter(Boolean));
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toContain("Usage: image-promoter");
    if (args.length > 1 && args[0] !== "--help") expect(run.stdout).toMatch(/Examples?:/);
  });

  it("says its version", async () => {
    expect((await runCommand(["version"])).stdout).toBe(`${version}\n`);
    expect((await runCommand(["--version"])).stdout).toBe(`${version}\n`);
  });

  it.each(["bash", "zsh", "fish"])("completes for %s", async (shell) => {
    const run = await runCommand(["completion", shell]);
    expect(run.code).toBe(0);
    for (const word of ["promote", "--from", "doctor"]) expect(run.stdout).toContain(word.replace("--", ""));
  });
});

describe("where images are named", () => {
  it("arguments, variable, list and manifests lead to the same promotion", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    placeImage(world.prod("team/app"), image(), { tags: ["1"] });
    const pod = JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { containers: [{ name: "c", image: app }] },
    });
    const ways = [
      { args: [app] },
      { args: [], options: { env: { PROMOTER_IMAGES: `${app}\n# nothing\n` } } },
      { args: ["--images-file", "-"], options: { input: `# release\n${app}\n` } },
      { args: ["--images-file", "images.txt"], options: { files: { "images.txt": app } } },
      { args: ["-f", "-"], options: { input: pod } },
      { args: ["-f", "pod.yaml", app], options: { files: { "pod.yaml": pod } } },
    ];
    for (const { args, options } of ways) {
      const { code, report } = await world.promote(args, options);
      expect(code).toBe(0);
      expect(report.images).toMatchObject([{ destination: app, status: "up-to-date" }]);
    }
  });
});

describe("manifests that nobody has rendered", () => {
  const routes = ["--from", "dev.example.com", "--to", "prod.example.com"];

  it.each([
    ["nothing", ""],
    ["blank lines", "\n  \n"],
    ["comments and separators", "\uFEFF---\n# Source: nothing\n--- # next\n"],
  ])("are no promotion of nothing: %s", async (_, input) => {
    const run = await runCommand(["promote", ...routes, "-f", "-"], { input });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("error [InvalidInput]: There is no Kubernetes object in standard input");
    expect(run.stderr).toContain("pipefail");
  });

  it("may hold no image", async () => {
    const input = "# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    expect((await runCommand(["promote", ...routes, "-f", "-"], { input })).code).toBe(0);
  });

  it("are read from standard input once", async () => {
    const run = await runCommand(["promote", ...routes, "-f", "-", "--images-file", "-"]);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain("Standard input can be read once only");
  });
});

describe("plan", () => {
  it("exits with 3 when there is work, 0 when there is none, and writes nothing", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image({ layers: [50_000] }), { tags: ["1"] });
    world.prod("team/app");
    const planned = await world.run(["plan", app, "-o", "json"]);
    expect(planned.code).toBe(3);
    expect(JSON.parse(planned.stdout)).toMatchObject({
      kind: "PromotionPlan",
      images: [{ status: "copied", digest: rootDigest(fixture) }],
      estimate: { manifestWrites: 1, leastMs: expect.any(Number) },
    });
    expect(world.prod("team/app").manifests.size + world.prod("team/app").blobs.size).toBe(0);
    expect(await world.run(["promote", app, "--dry-run"])).toMatchObject({ code: 0 });
    expect(world.prod("team/app").manifests.size).toBe(0);
    expect((await world.run(["promote", app])).code).toBe(0);
    expect((await world.run(["plan", app])).code).toBe(0);
  });

  it("counts the requests and bytes that the promotion then takes", async () => {
    await using world = await twoAccounts();
    world.emulator.account("222222222222").setBlobMounting("eu-west-1", "ENABLED");
    const fixture = withAttestations([
      image({ seed: 1, layers: [1_000, 2_000] }),
      image({ seed: 2, layers: [1_000] }),
    ]);
    const names = ["team/app", "team/other"];
    for (const name of names) {
      placeImage(world.dev(name), fixture, { tags: ["1"] });
      placeImage(world.dev(name), referrer(fixture));
      const cosign = signature(fixture);
      placeImage(world.dev(name), cosign.fixture, { tags: [cosign.tag] });
      world.prod(name);
    }
    const images = names.map((name) => `${prodHost}/${name}:1`);
    const { estimate, summary } = JSON.parse((await world.run(["plan", ...images, "-o", "json"])).stdout);
    world.emulator.clearRequests();
    const { report } = await world.promote(images);
    const sent = world.emulator.requests.filter(({ path }) => path.startsWith("/v2/")).length;
    expect(estimate.requests).toBeLessThanOrEqual(sent);
    expect(estimate.requests).toBeGreaterThan(sent * 0.9);
    expect(summary.bytesCopied).toBe(report.summary.bytesCopied);
    expect(summary.bytesMounted).toBe(report.summary.bytesMounted);
  });

  it("fails as the promotion would", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeRepositories");
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    const run = await world.run(["plan", app, "-o", "json"]);
    expect(run.code).toBe(4);
    expect(JSON.parse(run.stdout).images).toMatchObject([
      { status: "failed", error: { code: "NameUnknown" } },
    ]);
  });

  it.each(["text", "yaml", "markdown"])("speaks %s", async (format) => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    expect((await world.run(["plan", app, "-o", format])).stdout).toContain("team/app");
  });
});

it("plan warns where layers that images share cannot be mounted, once", async () => {
  await using world = await twoAccounts();
  world.allow("ecr:GetAccountSetting");
  const names = ["one", "two", "three"].map((name) => {
    placeImage(world.dev(name), image({ layers: [5_000] }), { tags: ["1"] });
    world.prod(name);
    return `${prodHost}/${name}:1`;
  });
  const plan = async () => JSON.parse((await world.run(["plan", ...names, "-o", "json"])).stdout);
  const warnings = (report: PromotionReport) => report.images.flatMap((one) => one.warnings);
  expect(warnings(await plan())).toEqual([expect.stringContaining("--name BLOB_MOUNTING --value ENABLED")]);
  world.emulator.account(prodAccount).setBlobMounting(region, "ENABLED");
  expect(warnings(await plan())).toEqual([]);
});

describe("doctor", () => {
  it("finds nothing wrong where nothing is", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    const run = await world.run(["doctor", app, "-o", "json"]);
    expect(run.code).toBe(0);
    const { checks } = JSON.parse(run.stdout);
    const ok = checks
      .filter(({ status }: { status: string }) => status === "ok")
      .map(({ check, side }: { check: string; side: string }) => `${side} ${check}`);
    expect(ok).toEqual(
      expect.arrayContaining([
        "source connect",
        "destination connect",
        "source find",
        "source read",
        "destination push",
      ]),
    );
    expect(world.prod("team/app").manifests.size).toBe(0);
  });

  it.each([
    { why: "a missing image", prepare: () => undefined, says: "no source has it" },
    { why: "a missing repository", repository: false, says: "aws ecr create-repository" },
    { why: "pushing that is denied", deny: "ecr:InitiateLayerUpload", says: "ecr:InitiateLayerUpload" },
    { why: "pulling that is denied", deny: "ecr:GetDownloadUrlForLayer", says: "ecr:GetDownloadUrlForLayer" },
    { why: "no token", deny: "ecr:GetAuthorizationToken", says: "ecr:GetAuthorizationToken" },
  ])("says how to mend $why", async ({ prepare, repository = true, deny, says }) => {
    await using world = await twoAccounts();
    if (prepare === undefined) placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    else world.dev("team/app");
    if (repository) world.prod("team/app");
    if (deny !== undefined) {
      world.role.identity.policies.push({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: deny, Resource: "*" }],
      });
    }
    const run = await world.run(["doctor", app]);
    expect(run.code).toBe(4);
    expect(run.stdout).toContain(says);
  });

  it("checks the registries of the routes when no image is named", async () => {
    await using world = await twoAccounts();
    const run = await world.run(["doctor", "-o", "json"]);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout).checks).toHaveLength(2);
  });
});

describe("doctor, like every command,", () => {
  it("gives up after its timeout and says so", async () => {
    await using world = await twoAccounts({ latencyMs: 2_000 });
    const run = await world.run(["doctor", app, "--timeout", "200ms"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("error [Timeout]: Not done after 0.2 s");
  });

  it("paints nothing where NO_COLOR is set", async () => {
    await using world = await twoAccounts();
    const args = ["doctor", app, "--log-level", "debug"];
    const plain = await world.run(args, { terminal: true, env: { NO_COLOR: "1" } });
    expect(plain.stderr).toMatch(/Got a registry token/);
    expect(plain.stdout + plain.stderr).not.toContain("\u001b[");
    expect((await world.run(args, { terminal: true })).stderr).toContain("\u001b[");
  });
});

describe("in a pod", () => {
  it("leaves the result as the termination message, failures first", async () => {
    await using world = await twoAccounts();
    placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    world.prod("team/app");
    world.dev("team/missing");
    const env = { TERMINATION_MESSAGE_PATH: "/dev/termination-log" };
    const run = await world.promote([app, `${prodHost}/team/missing:1`], { env });
    const message = run.written.get("/dev/termination-log") ?? "";
    expect(message.indexOf("team/missing:1")).toBeLessThan(message.indexOf("1 copied"));
    expect(message).toContain("ManifestUnknown");
  });

  it("leaves wrong usage there, too", async () => {
    const env = { ...routed, TERMINATION_MESSAGE_PATH: "/dev/termination-log" };
    const run = await runCommand(["promote"], { env });
    expect(run.written.get("/dev/termination-log")).toContain("PROMOTER_IMAGES");
  });
});

it("shows bars on a terminal and cleans up after itself", async () => {
  await using world = await twoAccounts();
  placeImage(world.dev("team/app"), image({ layers: [3_000_000] }), { tags: ["1"] });
  world.prod("team/app");
  const run = await world.run(["promote", app], { terminal: true });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("1 copied");
  expect(run.stderr).not.toContain('"level"');
});

it("says what a stop left undone", async () => {
  await using world = await twoAccounts();
  placeImage(world.dev("team/app"), image(), { tags: ["1"] });
  world.prod("team/app");
  const { PromoterError } = await import("../../job/error.ts");
  const signal = AbortSignal.abort(new PromoterError("Aborted", "Stopped by SIGTERM", { temporary: true }));
  const run = await world.promote([app], { signal });
  expect(run.code).toBe(1);
  expect(run.report.images).toMatchObject([{ status: "failed", error: { code: "Aborted" } }]);
});

it("gives up after its timeout and says so", async () => {
  await using world = await twoAccounts({ latencyMs: 2_000 });
  const run = await world.promote([app, "--timeout", "200ms"]);
  expect(run.code).toBe(1);
  expect(run.report.images[0]?.error).toMatchObject({ code: "Timeout", temporary: true });
});
