import { describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { rejection } from "./everything.ts";
import { openTestRegistry } from "./open-test-registry.ts";
import { scripted } from "./scripted-registry.ts";

const digest = digestOf(Buffer.from("a manifest"));

async function remove(status: number) {
  const path = `/v2/team/app/manifests/${digest}`;
  await using server = await scripted([{ method: "DELETE", path, reply: { status, body: {} } }]);
  await using client = openTestRegistry(server.host);
  const done = await client.registry
    .repository("team/app")
    .deleteManifest(digest)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(server.problems()).toEqual([]);
  return done;
}

describe("removing a manifest", () => {
  it.each([202, 200, 404])("is done with %i", async (status) => {
    expect(await remove(status)).toBeUndefined();
  });

  it.each([
    [405, "Unsupported"],
    [403, "Denied"],
  ])("fails with %i", async (status, code) => {
    expect(await remove(status)).toMatchObject({ code });
  });

  it("is never asked for by what could be another address", async () => {
    await using server = await scripted([]);
    await using client = openTestRegistry(server.host);
    const wrong = "../other" as typeof digest;
    const error = await rejection(client.registry.repository("team/app").deleteManifest(wrong));
    expect(error).toMatchObject({ code: "InvalidReference" });
  });
});
