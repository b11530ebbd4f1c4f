import { expect, it } from "vitest";
import { systemClock } from "../../job/async/clock.ts";
import { digestOf } from "../../job/oci/digest.ts";
import { openTestRegistry } from "./open-test-registry.ts";
import { serve } from "./sockets.ts";

const small = { mediaType: "x/y", digest: digestOf(Buffer.from("small")), size: 5 };
const large = { mediaType: "x/y", digest: digestOf(Buffer.from("large")), size: 2 * 1024 * 1024 };

/** A repository without tags, where others have put blobs, and a clock that can be set. */
async function opened() {
  const server = await serve((seen, response) => {
    response.writeHead(seen.path.includes("/tags/list") ? 404 : 200).end();
  });
  let lateMs = 0;
  const clock = { ...systemClock, now: () => systemClock.now() + lateMs };
  const client = openTestRegistry(server.url.host, { clock });
  const repository = client.registry.repository("team/app");
  repository.expectImage?.();
  await expect.poll(() => client.events.length).toBe(1);
  return {
    repository,
    pass: (ms: number) => {
      lateMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

it("a repository that the registry does not know is not asked for what is small", async () => {
  await using test = await opened();
  await expect.poll(() => test.repository.hasBlob(small)).toBe(false);
  expect(await test.repository.resolve(small.digest)).toBeUndefined();
  expect(await test.repository.hasBlob(large)).toBe(true);
});

it("a repository is asked again after a while: others may have written to it", async () => {
  await using test = await opened();
  await expect.poll(() => test.repository.hasBlob(small)).toBe(false);
  test.pass(61_000);
  expect(await test.repository.hasBlob(small)).toBe(true);
});
