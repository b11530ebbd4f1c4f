import { describe, expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { digestOf } from "../../job/oci/digest.ts";
import type { RegistryOptions } from "../../job/registry/registry.ts";
import { all, openTestRegistry } from "./open-test-registry.ts";
import { type Answering, serve } from "./sockets.ts";

const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): Answering => {
  return (_, response) =>
    response.writeHead(200, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
};

/** A repository of a registry that gives this answer to who lists its tags, and knows nothing else. */
async function listing(answer: Answering, options: Partial<RegistryOptions> = {}) {
  const server = await serve((seen, response) => {
    if (seen.path.includes("/tags/list")) answer(seen, response);
    else response.writeHead(404).end();
  });
  const client = openTestRegistry(server.url.host, options);
  return {
    repository: client.registry.repository("team/app"),
    lists: () => server.seen.filter(({ path }) => path.includes("/tags/list")).length,
    others: () => server.seen.filter(({ path }) => !path.includes("/tags/list")).map(({ path }) => path),
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const tags = { name: "team/app", tags: ["v1", "sha256-0.sig"] };
const subject = digestOf(Buffer.from("an image"));

describe("all tags of a repository", () => {
  it("are asked for once by all who want them at about the same time", async () => {
    await using test = await listing(json(tags));
    const lists = await Promise.all([test.repository.allTags?.(), test.repository.allTags?.()]);
    expect(lists).toEqual([new Set(tags.tags), new Set(tags.tags)]);
    expect(await test.repository.allTags?.()).toEqual(new Set(tags.tags));
    expect(test.lists()).toBe(1);
  });

  it("are asked for again when the list is old", async () => {
    let nowMs = 1_000_000;
    const clock = { ...systemClock, now: () => nowMs };
    await using test = await listing(json(tags), { clock });
    await test.repository.allTags?.();
    nowMs += 5_000;
    await test.repository.allTags?.();
    expect(test.lists()).toBe(2);
  });

  it.each<[string, Answering]>([
    ["more than one page", json(tags, { link: '<list?n=1000&last=v1>; rel="next"' })],
    ["no list", json({ name: "team/app" })],
    ["no JSON", (_, response) => response.end("<html>")],
    ["a refusal", (_, response) => response.writeHead(403).end()],
    ["no such repository", (_, response) => response.writeHead(404).end()],
    ["a failure", (_, response) => response.writeHead(500).end()],
    ["an answer that breaks off", (_, response) => void response.destroy()],
  ])("are not known by %s, which is asked for once", async (_, answer) => {
    await using test = await listing(answer);
    expect(await test.repository.allTags?.()).toBeUndefined();
    expect(test.lists()).toBe(1);
  });

  it("are not waited for long", async () => {
    await using test = await listing(() => undefined, { progressTimeoutMs: 50 });
    expect(await test.repository.allTags?.()).toBeUndefined();
  });

  it("are not asked for where that takes a right of its own", async () => {
    await using test = await listing(json(tags), { tellsTags: false });
    expect(await test.repository.allTags?.()).toBeUndefined();
    expect(test.lists()).toBe(0);
  });

  it("go on for others when one who asked is aborted", async () => {
    await using test = await listing((seen, response) => setTimeout(() => json(tags)(seen, response), 20));
    const stop = new AbortController();
    const aborted = test.repository.allTags?.({ signal: stop.signal });
    const other = test.repository.allTags?.();
    stop.abort(new Error("enough"));
    await expect(aborted).rejects.toBe(stop.signal.reason);
    expect(await other).toEqual(new Set(tags.tags));
  });

  it("tell whether there is a referrers tag, where there is no referrers API", async () => {
    await using known = await listing(json(tags));
    expect(await all(known.repository.referrers(subject))).toEqual([]);
    expect(known.others()).toEqual([`/v2/team/app/referrers/${subject}`]);
    await using unknown = await listing((_, response) => response.writeHead(403).end());
    expect(await all(unknown.repository.referrers(subject))).toEqual([]);
    expect(unknown.others()).toHaveLength(2);
    const there = { tags: [subject.replace(":", "-")] };
    await using listed = await listing(json(there));
    expect(await all(listed.repository.referrers(subject))).toEqual([]);
    expect(listed.others()).toHaveLength(2);
  });
});
