import { describe, expect, it } from "vitest";
import { rejection } from "./everything.ts";
import { all, openTestRegistry } from "./open-test-registry.ts";
import { type Step, scripted } from "./scripted-registry.ts";

const path = "/v2/_catalog?n=1000";

function page(at: string, repositories: unknown, link?: string): Step {
  const headers = link === undefined ? {} : { link };
  return { method: "GET", path: at, reply: { status: 200, headers, body: { repositories } } };
}

describe("a registry's repositories", () => {
  it("are listed page by page; what could be none is left out", async () => {
    await using server = await scripted([
      page(path, ["team/app", "../etc", 7], '</v2/_catalog?last=team%2Fapp>; rel="next"'),
      page("/v2/_catalog?last=team%2Fapp", ["team/web"]),
    ]);
    await using client = openTestRegistry(server.host);
    expect(await all(client.registry.repositories())).toEqual(["team/app", "team/web"]);
    expect(server.problems()).toEqual([]);
  });

  it.each([
    [404, "Unsupported"],
    [405, "Unsupported"],
    [403, "Denied"],
    [401, "Unauthorized"],
  ])("are not known where the answer is %i, and the error says what to do", async (status, code) => {
    const refusal: Step = { method: "GET", path, reply: { status, body: { errors: [] } } };
    await using server = await scripted([refusal, refusal]);
    await using client = openTestRegistry(server.host);
    const error = await rejection(all(client.registry.repositories()));
    expect(error).toMatchObject({ code, hint: expect.stringContaining("without *") });
  });
});
