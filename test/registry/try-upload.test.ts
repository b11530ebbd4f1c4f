import { describe, expect, it } from "vitest";
import { openTestRegistry } from "./open-test-registry.ts";
import { registryErrors, type Step, scripted } from "./scripted-registry.ts";

const uploads = "/v2/team/app/blobs/uploads/";

async function tried(steps: readonly Step[]) {
  await using server = await scripted(steps);
  await using client = openTestRegistry(server.host);
  const result = await client.registry
    .repository("team/app")
    .tryUpload?.()
    .catch((error: unknown) => error);
  expect(server.problems()).toEqual([]);
  return result;
}

describe("tryUpload", () => {
  it("opens an upload and leaves none", async () => {
    const begin = { status: 202, headers: { location: `${uploads}1` } };
    const steps: Step[] = [
      { method: "POST", path: uploads, reply: begin },
      { method: "DELETE", path: `${uploads}1`, reply: { status: 204 } },
    ];
    expect(await tried(steps)).toBeUndefined();
  });

  it("says what the registry says against it", async () => {
    const refused = { status: 403, body: registryErrors("DENIED", "not authorized") };
    expect(await tried([{ method: "POST", path: uploads, reply: refused }])).toMatchObject({
      code: "Denied",
    });
  });
});
