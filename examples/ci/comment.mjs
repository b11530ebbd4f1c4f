#!/usr/bin/env node
// comment-on-change FILE: puts a Markdown file under the pull or merge request that is being built, in the place of what
// an earlier run put there. GitLab where CI_MERGE_REQUEST_IID is set, else GitHub, whose number of the request is
// PULL_REQUEST (in Jenkins CHANGE_ID).
// biome-ignore-all lint/suspicious/noConsole: its output is the log of the job.
import { readFile } from "node:fs/promises";
import { env, exit } from "node:process";

const marker = `<!-- image-promoter ${env.COMMENT_NAME ?? "plan"} -->`;
const timeoutMs = 30_000;

const gitlab = () => ({
  list: `${need("CI_API_V4_URL")}/projects/${need("CI_PROJECT_ID")}/merge_requests/${need("CI_MERGE_REQUEST_IID")}/notes`,
  one: (list, id) => `${list}/${id}`,
  update: "PUT",
  headers: { "private-token": need("GITLAB_TOKEN") },
});

const github = () => {
  const repository = `${env.GITHUB_API_URL ?? "https://api.github.com"}/repos/${need("GITHUB_REPOSITORY")}`;
  return {
    list: `${repository}/issues/${env.PULL_REQUEST || need("CHANGE_ID")}/comments`,
    one: (_list, id) => `${repository}/issues/comments/${id}`,
    update: "PATCH",
    headers: { authorization: `Bearer ${need("GITHUB_TOKEN")}`, accept: "application/vnd.github+json" },
  };
};

function need(name) {
  if (env[name]) return env[name];
  console.error(`comment-on-change: the variable ${name} is not set`);
  exit(2);
}

async function ask(url, { headers }, method = "GET", body = undefined) {
  const response = await fetch(url, {
    method,
    headers: {
      ...headers,
      "user-agent": "image-promoter-ci",
      ...(body && { "content-type": "application/json" }),
    },
    body: body && JSON.stringify(body),
    redirect: "error", // the token is for this address
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.ok) return response.json();
  throw new Error(`${method} ${new URL(url).pathname} was answered with ${response.status}`);
}

async function findEarlier(api) {
  for (let page = 1; page <= 20; page += 1) {
    const comments = await ask(`${api.list}?per_page=100&page=${page}`, api);
    const found = comments.find((comment) => comment.body?.startsWith(marker));
    if (found !== undefined || comments.length < 100) return found;
  }
  return undefined;
}

const text = await readFile(process.argv[2] ?? need("a file"), "utf8");
const api = env.CI_MERGE_REQUEST_IID ? gitlab() : github();
const body = `${marker}\n${text}`;
try {
  const earlier = await findEarlier(api);
  if (earlier === undefined) await ask(api.list, api, "POST", { body });
  else await ask(api.one(api.list, earlier.id), api, api.update, { body });
} catch (error) {
  console.error(`comment-on-change: ${error.message}`);
  exit(1);
}
