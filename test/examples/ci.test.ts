import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { buildBundle } from "../../scripts/build.ts";
import { describeWithTool } from "../tool.ts";
import { type CiWorld, ciWorld, deployed } from "./ci-world.ts";

const workflowFile = "examples/ci/github/.github/workflows/promotion.yml";
const gitlabFile = "examples/ci/gitlab/.gitlab-ci.yml";
const jenkinsFile = "examples/ci/jenkins/Jenkinsfile";
const imagePattern = /^[a-z0-9.-]+(?:\/[a-z0-9._-]+)+:v?\d+\.\d+\.\d+(?:-[a-z]+-slim)?$/;
const environment = z.record(z.string().regex(/^[A-Z_]+$/), z.string());

/** The words of GitHub's that the example uses, and no others. */
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.strictObject({
    pull_request: z.strictObject({ paths: z.array(z.string()) }),
    push: z.strictObject({ branches: z.array(z.string()), paths: z.array(z.string()) }),
  }),
  permissions: z.strictObject({}),
  defaults: z.strictObject({ run: z.strictObject({ shell: z.literal("bash") }) }),
  env: environment,
  jobs: z.record(
    z.string(),
    z.strictObject({
      if: z.string(),
      "runs-on": z.string().regex(/-\d/),
      "timeout-minutes": z.int(),
      container: z.string().regex(imagePattern),
      environment: z.string().optional(),
      concurrency: z.string().optional(),
      permissions: z.strictObject({
        contents: z.literal("read"),
        "id-token": z.literal("write"),
        "pull-requests": z.literal("write").optional(),
      }),
      steps: z.array(
        z.union([
          z.strictObject({ uses: z.string().regex(/@v\d/), with: z.record(z.string(), z.unknown()) }),
          z.strictObject({ name: z.string(), env: environment, run: z.string() }),
        ]),
      ),
    }),
  ),
});

const rule = z.strictObject({ if: z.string(), changes: z.array(z.string()) });
/** The words of GitLab's that the example uses, and no others. */
const gitlabSchema = z.strictObject({
  stages: z.array(z.string()),
  default: z.strictObject({ image: z.string().regex(imagePattern), interruptible: z.boolean() }),
  variables: environment,
  ".aws": z.strictObject({
    id_tokens: z.record(z.string(), z.strictObject({ aud: z.string() })),
    before_script: z.array(z.string()),
  }),
  ...Object.fromEntries(
    ["plan", "promote"].map((name) => [
      name,
      z.strictObject({
        extends: z.literal(".aws"),
        stage: z.literal(name),
        timeout: z.string(),
        rules: z.array(rule),
        resource_group: z.string().optional(),
        environment: z.string().optional(),
        variables: environment,
        script: z.array(z.string()),
      }),
    ]),
  ),
});

interface Pipeline {
  readonly plan: (world: CiWorld) => Promise<{ readonly code: number; readonly stderr: string }>;
  readonly promote: Pipeline["plan"];
  readonly comments: string;
}

async function lastOf(steps: readonly (() => ReturnType<Pipeline["plan"]>)[]) {
  let last = { code: 0, stderr: "" };
  for (const step of steps) if (last.code === 0) last = await step();
  return last;
}

/** Runs the steps of a job of GitHub's, after what its actions would have done. */
async function githubJob(name: string, world: CiWorld) {
  const { jobs, env } = workflowSchema.parse(parse(await readFile(workflowFile, "utf8")));
  const steps = jobs[name]?.steps ?? [];
  const values: Readonly<Record<string, string>> = {
    "github.token": world.host.token,
    "github.event.pull_request.number": "7",
    "secrets.SLACK_WEBHOOK_URL": `${world.host.url}/hook`,
  };
  const filledIn = (text: string) =>
    text.replaceAll(/\$\{\{ *([\w.]+) *\}\}/g, (whole, path: string) => values[path] ?? whole);
  const role = steps.flatMap((step) => ("uses" in step ? [String(step.with["role-to-assume"])] : [])).at(-1);
  const runner = {
    ...world.keysOf(role?.split("/").at(-1) ?? ""),
    GITHUB_API_URL: world.host.url,
    GITHUB_REPOSITORY: "acme/environments",
    GITHUB_STEP_SUMMARY: world.path("summary.md"),
  };
  const runs = steps.flatMap((step) => ("run" in step ? [step] : []));
  return lastOf(
    runs.map(({ run, env: own }) => () => {
      const filled = Object.fromEntries(
        Object.entries({ ...env, ...own }).map(([key, text]) => [key, filledIn(text)]),
      );
      expect(Object.values(filled).join()).not.toContain("${{");
      expect(run).not.toContain("${{");
      return world.step(run, { ...runner, ...filled }, "-eo", "pipefail");
    }),
  );
}

async function gitlabJob(name: "plan" | "promote", world: CiWorld) {
  const file = parse(await readFile(gitlabFile, "utf8"));
  gitlabSchema.parse(file);
  const script = [...file[".aws"].before_script, ...file[name].script].join("\n");
  return world.step(
    script,
    {
      ...file.variables,
      ...file[name].variables,
      AWS_ID_TOKEN: world.token,
      CI_JOB_ID: "4711",
      CI_API_V4_URL: world.host.url,
      CI_PROJECT_ID: "12",
      CI_MERGE_REQUEST_IID: "7",
      GITLAB_TOKEN: world.host.token,
      PROMOTER_NOTIFY: `${world.host.url}/hook`,
    },
    "-e",
  );
}

/** The scripts of a stage, and the environment that its blocks set. */
function readStage(file: string, name: string) {
  const [before = "", ...stages] = file.split(/^ {4}stage\(/m);
  const stage = stages.find((text) => text.startsWith(`'${name}'`)) ?? "";
  const variables = [before, stage].flatMap((text) => [...text.matchAll(/^ +([A-Z_]+) = '([^']*)'$/gm)]);
  return {
    scripts: [...stage.matchAll(/sh '''#!\/bin\/bash -e\n(.*?)'''/gs)].map((match) => match[1] ?? ""),
    env: Object.fromEntries(variables.map(([, key = "", value = ""]) => [key, value])),
    credentials: [...stage.matchAll(/variable: '([A-Z_]+)'/g)].map((match) => match[1] ?? ""),
  };
}

async function jenkinsStage(name: string, world: CiWorld) {
  const { scripts, env, credentials } = readStage(await readFile(jenkinsFile, "utf8"), name);
  const known: Readonly<Record<string, string>> = {
    AWS_WEB_IDENTITY_TOKEN_FILE: await world.write("token", world.token),
    GITHUB_TOKEN: world.host.token,
    PROMOTER_NOTIFY: `${world.host.url}/hook`,
  };
  const bound = Object.fromEntries(credentials.map((key) => [key, known[key] ?? ""]));
  expect(Object.values(bound)).not.toContain("");
  expect(scripts.length).toBeGreaterThan(0);
  const agent = { GITHUB_API_URL: world.host.url, CHANGE_ID: "7" };
  return lastOf(scripts.map((script) => () => world.step(script, { ...agent, ...env, ...bound }, "-e")));
}

const pipelines: Readonly<Record<string, Pipeline>> = {
  GitHub: {
    plan: (world) => githubJob("plan", world),
    promote: (world) => githubJob("promote", world),
    comments: "/repos/acme/environments/issues/7/comments",
  },
  GitLab: {
    plan: (world) => gitlabJob("plan", world),
    promote: (world) => gitlabJob("promote", world),
    comments: "/projects/12/merge_requests/7/notes",
  },
  Jenkins: {
    plan: (world) => jenkinsStage("Plan", world),
    promote: (world) => jenkinsStage("Promote", world),
    comments: "/repos/acme/environments/issues/7/comments",
  },
};

describeWithTool(["kustomize", "helm"], () => {
  let folder = "";
  let program = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "promoter-ci-bundle-"));
    program = (await buildBundle({ root: resolve("."), outputFolder: folder })).file;
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.entries(pipelines))(
    "%s comments on a change, and promotes it when it is merged",
    async (_name, pipeline) => {
      await using world = await ciWorld(program);
      const { host } = world;
      const planned = await pipeline.plan(world);
      expect(planned).toMatchObject({ code: 0, stderr: "" });
      expect(host.asked).toEqual([`GET ${pipeline.comments}`, `POST ${pipeline.comments}`]);
      const body = host.comments[1]?.body ?? "";
      expect(body).toContain("<!-- image-promoter plan -->\n### Promotion plan");
      expect(body).toContain("3 to copy");
      expect(body).toMatch(/changed \| <code>shop\/api<\/code> .*1\.5\.0-rc\.1.*1\.4\.2.*not promoted/);

      const promoted = await pipeline.promote(world);
      expect(promoted).toMatchObject({ code: 0 });
      for (const [name, tag] of deployed)
        expect([...world.accounts.prod(name).imageTags.keys()]).toEqual([tag]);
      expect(host.told.map((text) => JSON.parse(text).summary.copied)).toEqual([2, 1]);
    },
    120_000,
  );

  it("puts a comment in the place of an earlier one", async () => {
    await using world = await ciWorld(program);
    const { host } = world;
    const comment = (name: string) =>
      world.step(`echo "${name}" >comment.md; comment-on-change comment.md`, {
        GITHUB_API_URL: host.url,
        GITHUB_REPOSITORY: "acme/environments",
        GITHUB_TOKEN: host.token,
        CHANGE_ID: "7",
      });
    for (const name of ["one", "two"]) expect(await comment(name)).toMatchObject({ code: 0, stderr: "" });
    expect(host.comments.map(({ body }) => body)).toEqual([
      "Looks good",
      "<!-- image-promoter plan -->\ntwo\n",
    ]);
    expect(host.asked.at(-1)).toBe("PATCH /repos/acme/environments/issues/comments/2");
  }, 30_000);

  it("fails, and comments nevertheless, where something cannot be promoted", async () => {
    await using world = await ciWorld(program);
    world.accounts.dev("blog/web").imageTags.clear();
    const { code } = await gitlabJob("plan", world);
    expect(code).toBe(1);
    expect(world.host.comments[1]?.body).toContain("**ManifestUnknown**");
  }, 120_000);
});

it("the image of the pipelines has pinned versions, and this program where its own image has it", async () => {
  const file = await readFile("examples/ci/Dockerfile", "utf8");
  const images = [...file.matchAll(/^(?:FROM|ARG PROMOTER=) ?([^$\s]+)/gm)].map((match) => match[1] ?? "");
  expect(images).toHaveLength(4);
  for (const name of images) expect(name).toMatch(imagePattern);
  expect(images[0]).toBe(`registry.example.com/argocd-image-promoter:${manifest.version}`);
  expect(await readFile("Dockerfile", "utf8")).toContain('"/app/image-promoter.js"]');
  for (const pipeline of [workflowFile, gitlabFile, jenkinsFile])
    expect(await readFile(pipeline, "utf8")).toContain(
      `registry.example.com/ci/promotion:${manifest.version}`,
    );
});
