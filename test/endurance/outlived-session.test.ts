import { afterEach, expect, it, vi } from "vitest";
import { hugeImage, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { policyWorld, renderedPolicies } from "../scenarios/rendered-policies.ts";
import { prodHost } from "../scenarios/two-accounts.ts";

const MiB = 1024 ** 2;
const hourMs = 60 * 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

it("a copy that outlives the pod's session with AWS, and its token, goes on with new ones", async () => {
  const lastingS = Math.floor(Date.now() / 1000) + 24 * 3600;
  await using world = await policyWorld(renderedPolicies(), { exp: lastingS });
  const { emulator } = world;
  const fixture = placeImage(world.dev("team/app"), hugeImage(2 * MiB), { tags: ["1"] });
  world.prod("team/app");
  emulator.faults.add({ kind: "storage" }, { do: "slow", bytesPerSecond: 2 * MiB });
  // Sessions last an hour: of all clocks, the program's, the SDK's and AWS's, one hour passes in the midst of the layer.
  const now = Date.now.bind(Date);
  let passedMs = 0;
  vi.spyOn(Date, "now").mockImplementation(() => now() + passedMs);
  const timer = setInterval(() => {
    if (!emulator.requests.some(({ kind, bytesOut }) => kind === "storage" && bytesOut > MiB / 2)) return;
    clearInterval(timer);
    passedMs = hourMs + 1_000;
    emulator.store.expireTokens();
  }, 1);
  const { code, stderr } = await world.run(["promote", `${prodHost}/team/app:1`]);
  clearInterval(timer);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  expect(passedMs).toBeGreaterThan(hourMs);
  expect(world.prod("team/app").imageTags.get("1")).toBe(rootDigest(fixture));
  const actions = emulator.requests.flatMap(({ action }) => action ?? []);
  expect(actions.filter((action) => action === "AssumeRoleWithWebIdentity")).toHaveLength(2);
  expect(actions.filter((action) => action === "GetAuthorizationToken")).toHaveLength(2);
});
