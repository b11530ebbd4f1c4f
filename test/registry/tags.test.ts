import { describe, expect, it } from "vitest";
import { rejection } from "./everything.ts";
import { all, openTestRegistry } from "./open-test-registry.ts";
import { type Step, scripted } from "./scripted-registry.ts";

const list = "/v2/team/app/tags/list";
const page = (path: string, tags: unknown, link?: string): Step => ({
  method: "GET",
  path,
  reply: { status: 200, headers: link === undefined ? {} : { link }, body: { name: "team/app", tags } },
});

async function against<T>(
  steps: readonly Step[],
  work: (client: ReturnType<typeof openTestRegistry>) => Promise<T>,
) {
  await using server = await scripted(steps);
  await using client = openTestRegistry(server.host);
  const result = await work(client);
  expect(server.problems()).toEqual([]);
  return result;
}

const tags = (client: ReturnType<typeof openTestRegistry>) =>
  all(client.registry.repository("team/app").tags());

describe("tags", () => {
  it("follows the pages by their links, with whatever token they carry", async () => {
    const steps = [
      page(`${list}?n=1000`, ["a", "b"], `<${list}?n=1000&last=x%2By%3D%3D>; rel="next"`),
      page(`${list}?n=1000&last=x%2By%3D%3D`, ["c"], "<list?n=1&next=2>; rel=next"),
      page("/v2/team/app/tags/list?n=1&next=2", []),
    ];
    expect(await against(steps, tags)).toEqual(["a", "b", "c"]);
  });

  it("asks for a page when it is needed", async () => {
    const steps = [page(`${list}?n=1000`, ["a", "b"], `<${list}?n=1000&last=b>; rel="next"`)];
    await against(steps, async (client) => {
      for await (const tag of client.registry.repository("team/app").tags()) {
        if (tag === "b") break;
      }
    });
  });

  it.each([
    ["null", null],
    ["nothing", undefined],
  ])("takes %s for no tags", async (_, value) => {
    expect(await against([page(`${list}?n=1000`, value)], tags)).toEqual([]);
  });

  it("leaves out what is no tag, and says so", async () => {
    const steps = [page(`${list}?n=1000`, ["good", "../bad", 7, "-x"])];
    await against(steps, async (client) => {
      expect(await tags(client)).toEqual(["good"]);
      expect(client.warnings).toHaveLength(3);
    });
  });

  it.each([
    ["RedirectRefused", page(`${list}?n=1000`, [], '<http://127.0.0.1:1/v2/x>; rel="next"')],
    ["RedirectRefused", page(`${list}?n=1000`, [], '<https://other.example/v2/x>; rel="next"')],
    ["NameUnknown", { method: "GET", path: `${list}?n=1000`, reply: { status: 404 } }],
    ["InvalidResponse", { method: "GET", path: `${list}?n=1000`, reply: { status: 200, body: "<html>" } }],
    ["InvalidResponse", { method: "GET", path: `${list}?n=1000`, reply: { status: 200, body: "[]" } }],
  ])("answers %s", async (code, step) => {
    expect(await rejection(against([step], tags))).toMatchObject({ code });
  });

  it("does not go round in circles", async () => {
    const steps = [
      page(`${list}?n=1000`, ["a"], `<${list}?p=1>; rel="next"`),
      page(`${list}?p=1`, ["b"], `<${list}?p=2>; rel="next"`),
      page(`${list}?p=2`, ["c"], `<${list}?p=1>; rel="next"`),
    ];
    expect(await rejection(against(steps, tags))).toMatchObject({ code: "InvalidResponse" });
  });
});
