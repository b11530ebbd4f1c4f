import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { ecrClients } from "../../job/ecr/client.ts";
import { pullStatement } from "../../job/ecr/policy/pull-statement.ts";
import { applyPolicies, planPolicies, repositoryPolicies } from "../../job/ecr/repository-policies.ts";
import { PromoterError } from "../../job/error.ts";
import { type EcrEmulator, registryHost, startEcrEmulator } from "../emulator/emulator.ts";
import { denied, ecrHost, fakeClients } from "./fake-clients.ts";

const account = "111111111111";
const region = "eu-west-1";
const host = ecrHost(registryHost(account, region));
const ours = pullStatement({ principals: ["arn:aws:iam::222222222222:root"] });
const theirs = { Sid: "Build", Effect: "Allow", Principal: { AWS: account }, Action: "ecr:PutImage" };
const other = { ...theirs, Sid: "SinceThen" };
const work = { clock: systemClock, concurrency: 4 };
const instant = { ...work, clock: { ...systemClock, sleep: async () => {} } };

let emulator: EcrEmulator;
beforeAll(async () => {
  // What checks access would stumble over malformed policies itself.
  emulator = await startEcrEmulator({ authorization: "none" });
});
afterAll(() => emulator[Symbol.asyncDispose]());

function open() {
  const { accessKeyId, secretAccessKey } = emulator.account(account).admin();
  const env = {
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  return ecrClients({ env, clock: systemClock });
}

async function targets(...names: readonly string[]) {
  const api = await open().forHost(host);
  return names.map((repository) => ({ api, repository, statements: [ours] }));
}

function repository(name: string, policy?: object | string) {
  const made = emulator.repository(account, region, name);
  delete made.policyText;
  if (policy !== undefined) made.policyText = typeof policy === "string" ? policy : JSON.stringify(policy);
  return made;
}

const statementsOf = (name: string) =>
  JSON.parse(emulator.repository(account, region, name).policyText ?? "{}").Statement;

function writes(): number {
  return emulator.requests.filter(({ headers }) =>
    String(headers["x-amz-target"]).endsWith(".SetRepositoryPolicy"),
  ).length;
}

describe("against ECR's API", () => {
  it("writes what is missing, keeps what others wrote, and writes nothing twice", async () => {
    repository("apply/new");
    repository("apply/theirs", { Version: "2008-10-17", Statement: [theirs] });
    repository("apply/done", { Version: "2012-10-17", Statement: [theirs, ours] });
    const all = await targets("apply/new", "apply/theirs", "apply/done");
    emulator.clearRequests();
    const first = await applyPolicies(all, work);
    expect(first.map(({ repository, status }) => [repository, status])).toEqual([
      [`${host.host}/apply/new`, "updated"],
      [`${host.host}/apply/theirs`, "updated"],
      [`${host.host}/apply/done`, "up-to-date"],
    ]);
    expect(writes()).toBe(2);
    expect(statementsOf("apply/new")).toEqual([ours]);
    expect(statementsOf("apply/theirs")).toEqual([theirs, ours]);
    expect((await applyPolicies(all, work)).map(({ status }) => status)).toEqual(Array(3).fill("up-to-date"));
    expect(writes()).toBe(2);
  });

  it("only says what it would do when it plans", async () => {
    repository("plan/app", { Statement: theirs });
    emulator.clearRequests();
    const [outcome] = await planPolicies(await targets("plan/app"), work);
    expect(outcome).toMatchObject({
      status: "to-update",
      before: { Statement: [theirs] },
      merged: { changed: true, policy: { Statement: [theirs, ours] } },
    });
    expect(writes()).toBe(0);
  });

  it.each([
    ["malformed", "{", "InvalidResponse"],
    ["of an unknown element", JSON.stringify({ Statement: [theirs], Rules: [] }), "InvalidResponse"],
    [
      "too long with ours",
      JSON.stringify({ Statement: [{ ...theirs, Sid: "x".repeat(10_100) }] }),
      "InvalidConfiguration",
    ],
  ])("writes nothing at all where one policy is %s", async (_, policy, code) => {
    repository("refuse/good");
    repository("refuse/bad", policy);
    repository("refuse/done", { Statement: [ours] });
    emulator.clearRequests();
    const outcomes = await applyPolicies(await targets("refuse/good", "refuse/bad", "refuse/done"), work);
    expect(outcomes).toMatchObject([
      { status: "skipped" },
      { status: "refused", error: { code } },
      { status: "up-to-date" },
    ]);
    expect(writes()).toBe(0);
    expect(emulator.repository(account, region, "refuse/bad").policyText).toBe(policy);
  });

  it("leaves a policy alone that is right, however long it is", async () => {
    const long = { ...theirs, Sid: "x".repeat(20_000) };
    repository("long/app", { Statement: [long, ours] });
    expect(await applyPolicies(await targets("long/app"), work)).toMatchObject([{ status: "up-to-date" }]);
  });
});

it("says what it may not do, and goes on with the others", async () => {
  const { forHost } = fakeClients({
    async getRepositoryPolicy(name) {
      if (name === "denied") throw denied();
      return undefined;
    },
    setRepositoryPolicy: async () => {},
  });
  const api = await forHost(host);
  const both = ["denied", "other"].map((repository) => ({ api, repository, statements: [ours] }));
  expect(await applyPolicies(both, work)).toMatchObject([
    { status: "failed", error: { code: "Denied" } },
    { status: "updated" },
  ]);
});

describe("a policy that somebody changes in between", () => {
  it("is read again, and their change kept", async () => {
    const read: string[] = [];
    const written: string[] = [];
    const { forHost } = fakeClients({
      async getRepositoryPolicy(name) {
        read.push(name);
        return JSON.stringify({ Statement: read.length === 1 ? [theirs] : [theirs, other] });
      },
      async setRepositoryPolicy(_, text) {
        written.push(text);
      },
    });
    const api = await forHost(host);
    const [outcome] = await applyPolicies([{ api, repository: "app", statements: [ours] }], work);
    expect(outcome?.status).toBe("updated");
    expect(JSON.parse(written[0] ?? "").Statement).toEqual([theirs, other, ours]);
    expect(written).toHaveLength(1);
  });

  it("is not written when somebody was faster with the same", async () => {
    let reads = 0;
    const { forHost, calls } = fakeClients({
      async getRepositoryPolicy() {
        reads += 1;
        return JSON.stringify({ Statement: reads === 1 ? [theirs] : [theirs, ours] });
      },
    });
    const api = await forHost(host);
    const [outcome] = await applyPolicies([{ api, repository: "app", statements: [ours] }], work);
    expect(outcome?.status).toBe("up-to-date");
    expect(calls.some((call) => call.startsWith("setRepositoryPolicy"))).toBe(false);
  });
});

it("tries again what may help, and begins at reading", async () => {
  const failures = [new PromoterError("TooManyRequests", "Rate exceeded", { temporary: true })];
  const { forHost, calls } = fakeClients({
    getRepositoryPolicy: async () => undefined,
    async setRepositoryPolicy() {
      const failure = failures.pop();
      if (failure !== undefined) throw failure;
    },
  });
  const api = await forHost(host);
  expect(await applyPolicies([{ api, repository: "app", statements: [ours] }], instant)).toMatchObject([
    { status: "updated" },
  ]);
  expect(calls.map((call) => call.split(" ")[0])).toEqual([
    "getRepositoryPolicy",
    "getRepositoryPolicy",
    "setRepositoryPolicy",
    "getRepositoryPolicy",
    "setRepositoryPolicy",
  ]);
});

it("works on no more repositories at a time than it may", async () => {
  let [running, most] = [0, 0];
  const { forHost } = fakeClients({
    async getRepositoryPolicy() {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return undefined;
    },
  });
  const api = await forHost(host);
  const many = Array.from({ length: 20 }, (_, number) => ({
    api,
    repository: `app-${number}`,
    statements: [ours],
  }));
  await planPolicies(many, { ...work, concurrency: 3 });
  expect(most).toBe(3);
});

it("stops when it is told to", async () => {
  const controller = new AbortController();
  const { forHost } = fakeClients({
    async getRepositoryPolicy() {
      controller.abort(new Error("enough"));
      throw controller.signal.reason;
    },
  });
  const api = await forHost(host);
  const stopped = applyPolicies([{ api, repository: "app", statements: [ours] }], {
    ...work,
    signal: controller.signal,
  });
  await expect(stopped).rejects.toThrow("enough");
});

describe("finding repositories", () => {
  const find = (...wanted: readonly string[]) =>
    repositoryPolicies(open())
      .find(host, wanted)
      .then(({ repositories }) => repositories);

  it("by name and pattern, each once, over all pages", async () => {
    for (let number = 0; number < 1_005; number += 1)
      repository(`many/app-${String(number).padStart(4, "0")}`);
    repository("few/app");
    emulator.clearRequests();
    const all = await find("many/*", "many/app-0001", "few/app");
    expect(all).toHaveLength(1_006);
    expect(all.slice(0, 2)).toEqual(["few/app", "many/app-0000"]);
    expect(emulator.requests).toHaveLength(3);
    expect(await find("*/app")).toContain("few/app");
  });

  it("does not list them for a name", async () => {
    emulator.clearRequests();
    expect(await find("few/app")).toEqual(["few/app"]);
    expect(emulator.requests).toHaveLength(1);
  });

  it.each(["missing/app", "missing/*"])("refuses %s, which stands for none", async (wanted) => {
    await expect(find(wanted)).rejects.toMatchObject({
      code: "NameUnknown",
      message: expect.stringContaining(wanted),
    });
  });
});
