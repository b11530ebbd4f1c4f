import { describe, expect, it, vi } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import type { EventReport } from "../../job/events/event-report.ts";
import { pushEvent } from "../events/push-event.ts";
import { secret, startListening } from "../events/running-on-push.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import type { CommandRun } from "./command-run.ts";
import { devHost, prodHost, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;

function reportsOf({ stdout }: CommandRun): readonly EventReport[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

const lines = (...events: readonly object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");

describe("on-push", () => {
  it("promotes the image that an event on standard input tells of, whole, and once", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), multiPlatform(), { tags: ["1"] });
    const prod = world.prod("team/app");
    const event = pushEvent({ id: "e1", digest: rootDigest(fixture) });
    const run = await world.run(["on-push"], { input: JSON.stringify(event) });
    expect(run.stderr).toBe("");
    expect(run.code).toBe(0);
    expect(reportsOf(run)).toMatchObject([
      {
        apiVersion: "image-promoter/v1",
        kind: "EventReport",
        event: "e1",
        source: `${devHost}/team/app:1@${rootDigest(fixture)}`,
        outcome: "promoted",
        images: [{ destination: app, status: "copied", digest: rootDigest(fixture), origin: "event e1" }],
      },
    ]);
    expect(prod.imageTags.get("1")).toBe(rootDigest(fixture));
    expect(prod.manifests.size).toBe(fixture.manifests.length);

    const again = await world.run(["on-push"], { input: JSON.stringify(event) });
    expect(reportsOf(again)).toMatchObject([{ outcome: "up-to-date", images: [{ bytesCopied: 0 }] }]);
  });

  it("reads files with events on lines, and says what it leaves alone and why", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1", "2"] });
    world.prod("team/app");
    const digest = rootDigest(fixture);
    const files = {
      "a.jsonl": lines(
        pushEvent({ digest, tag: "1" }),
        pushEvent({ digest, tag: "2", detail: { "action-type": "DELETE" } }),
        pushEvent({ digest, tag: "" }),
        pushEvent({ account: "999999999999" }),
      ),
      "b.json": JSON.stringify(pushEvent({ digest, tag: "2", detail: { result: "FAILURE" } })),
    };
    const run = await world.run(["on-push", "a.jsonl", "b.json"], { files });
    expect(run.code).toBe(0);
    expect(reportsOf(run).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ["promoted", undefined],
      ["ignored", 'It tells of "DELETE", and no push'],
      ["ignored", "It was pushed by digest, without a tag"],
      ["ignored", "No route begins at this repository"],
      ["ignored", 'The push did not succeed: "FAILURE"'],
    ]);
    expect([...world.prod("team/app").imageTags.keys()]).toEqual(["1"]);
  });

  it("goes by the rules of sync", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1.4.0", "main", "2.0.0-rc.1"] });
    world.prod("team/app");
    const configuration = `apiVersion: image-promoter/v1
kind: Promoter
sync:
  rules:
    - name: releases
      repositories: ["team/*"]
      tags: { semver: ">=1.0.0" }
`;
    const digest = rootDigest(fixture);
    const events = ["main", "1.4.0", "2.0.0-rc.1"].map((tag) => pushEvent({ digest, tag }));
    const run = await world.run(["on-push", "--config", "promoter.yaml"], {
      files: { "promoter.yaml": configuration },
      input: lines(...events),
    });
    expect(run.code).toBe(0);
    expect(reportsOf(run).map(({ outcome }) => outcome)).toEqual(["ignored", "promoted", "ignored"]);
    expect([...world.prod("team/app").imageTags.keys()]).toEqual(["1.4.0"]);
  });

  it("moves no tag back for an event that comes late", async () => {
    await using world = await twoAccounts();
    const [old, newer] = [image({ seed: 1 }), image({ seed: 2 })];
    placeImage(world.dev("team/app"), old);
    placeImage(world.dev("team/app"), newer, { tags: ["1"] });
    world.prod("team/app");
    const input = lines(pushEvent({ digest: rootDigest(newer) }), pushEvent({ digest: rootDigest(old) }));
    const run = await world.run(["on-push", "--at-once", "1"], { input });
    expect(run.code).toBe(0);
    expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(newer));
    expect(world.prod("team/app").manifests.has(rootDigest(old))).toBe(false);
    expect(reportsOf(run)[1]?.reason).toBe(`The tag stands for another image by now: ${rootDigest(newer)}`);
  });

  it.each([
    [1, "a registry that is out of order", "destination-down"],
    [4, "a repository that is not there", "no-repository"],
  ])("ends with %i for %s", async (code, _, fault) => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image(), { tags: ["1"] });
    if (fault === "destination-down") {
      world.prod("team/app");
      world.emulator.faults.add({ kind: "upload-start" }, { do: "status", status: 500 });
    }
    const run = await world.run(["on-push"], {
      input: JSON.stringify(pushEvent({ digest: rootDigest(fixture) })),
      clock: { ...systemClock, sleep: async () => {} },
    });
    expect(reportsOf(run)).toMatchObject([{ outcome: "failed" }]);
    expect(run.code).toBe(code);
  });

  it.each<[string, readonly string[], string]>([
    [
      "files beside a queue",
      ["a.json", "--queue-url", "https://sqs.eu-west-1.amazonaws.com/1/q"],
      "not from both",
    ],
    ["a port that is open to all", ["--listen", "8080"], "could have images promoted"],
    [
      "a secret on the command line",
      ["--listen", "8080", "--auth-secret", "hunter2hunter2hunter2"],
      "Cannot take the secret itself",
    ],
    [
      "a secret that is not there",
      ["--listen", "8080", "--auth-secret", "file:none"],
      "Cannot read the secret in none",
    ],
    ["a short secret", ["--listen", "8080", "--auth-secret", "file:short"], "short enough to be guessed"],
    ["an address that is none", ["--listen", "http://x"], "it is no address to listen on"],
    ["a queue that is none", ["--queue-url", "events"], "none of SQS"],
    ["no event", [], "There is no event"],
  ])("refuses %s", async (_, args, message) => {
    await using world = await twoAccounts();
    const { code, stderr, stdout } = await world.run(["on-push", ...args], { files: { short: "1234" } });
    expect(`${stderr}${stdout}`).toContain(message);
    expect(stderr).not.toContain("hunter2");
    expect(code).toBe(2);
  });
});

describe("on-push as an endpoint", { timeout: 30_000 }, () => {
  it("answers after the promotion, asks for its secret, and ends in order what it has begun", async () => {
    await using world = await twoAccounts();
    const small = placeImage(world.dev("team/app"), image({ seed: 1 }), { tags: ["1"] });
    const large = placeImage(world.dev("team/app"), image({ seed: 2, layers: [200_000] }), { tags: ["2"] });
    const prod = world.prod("team/app");
    const program = await startListening(world);
    expect((await program.post(pushEvent(), "a guess")).status).toBe(401);
    expect((await fetch(`${program.url}/readyz`)).status).toBe(200);

    const first = await program.post(pushEvent({ digest: rootDigest(small) }));
    expect([first.status, prod.imageTags.get("1")]).toEqual([200, rootDigest(small)]);
    expect(await first.json()).toMatchObject({ outcome: "promoted" });

    world.emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: 200_000 });
    const second = program.post(pushEvent({ tag: "2", digest: rootDigest(large) }));
    await vi.waitFor(() => expect(prod.uploads.size).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    program.stop();
    expect((await second).status).toBe(200);
    const { code, reports, log } = await program.ended;
    expect(code).toBe(0);
    expect(prod.imageTags.get("2")).toBe(rootDigest(large));
    expect(reports.map(({ outcome }) => outcome)).toEqual(["promoted", "promoted"]);
    expect(log).not.toContain(secret);
  });

  it("finds what somebody has mended meanwhile", async () => {
    await using world = await twoAccounts();
    world.allow("ecr:DescribeRepositories");
    const old = placeImage(world.dev("team/app"), image({ seed: 1 }), { tags: ["1"] });
    const program = await startListening(world);
    const first = pushEvent({ digest: rootDigest(old) });
    expect((await program.post(first)).status).toBe(422);
    const prod = world.prod("team/app", { imageTagMutability: "IMMUTABLE" });
    expect((await program.post(first)).status).toBe(200);

    const newer = placeImage(world.dev("team/app"), image({ seed: 2 }), { tags: ["1"] });
    const second = pushEvent({ digest: rootDigest(newer) });
    expect((await program.post(second)).status).toBe(422);
    prod.imageTagMutability = "MUTABLE";
    expect((await program.post(second)).status).toBe(200);
    expect(prod.imageTags.get("1")).toBe(rootDigest(newer));
    program.stop();
    expect((await program.ended).code).toBe(0);
  });

  it("gives up what takes longer than it may after SIGTERM, and leaves no tag behind", async () => {
    await using world = await twoAccounts();
    const fixture = placeImage(world.dev("team/app"), image({ layers: [400_000] }), { tags: ["1"] });
    const prod = world.prod("team/app");
    world.emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: 20_000 });
    const program = await startListening(world, ["--drain", "300ms"]);
    const asked = program.post(pushEvent({ digest: rootDigest(fixture) }));
    await vi.waitFor(() => expect(prod.uploads.size).toBeGreaterThan(0), { timeout: 10_000, interval: 5 });
    program.stop();
    expect((await asked).status).toBe(503);
    const { code, reports } = await program.ended;
    expect(code).toBe(143);
    expect(reports).toMatchObject([
      { outcome: "failed", images: [{ error: { code: "Aborted", temporary: true } }] },
    ]);
    expect(prod.imageTags.size).toBe(0);
  });
});
