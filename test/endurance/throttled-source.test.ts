import { describe, expect, it } from "vitest";
import { registryHost } from "../emulator/emulator.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { devHost, prodAccount, prodHost, region, twoAccounts } from "../scenarios/two-accounts.ts";

const busyAccount = "333333333333";
const busyHost = registryHost(busyAccount, region);
const routes = `apiVersion: image-promoter/v1
kind: Promoter
routes:
  - {to: ${prodHost}/busy, from: ${busyHost}/busy}
  - {to: ${prodHost}/team, from: ${devHost}/team}
`;
const options = {
  env: { PROMOTER_FROM: "", PROMOTER_TO: "", PROMOTER_CONFIG: "promoter.yaml" },
  files: { "promoter.yaml": routes },
};
const retryAfterMs = 3_000;

/** Two routes into one registry; what the busy one's source is asked for has to wait. */
async function twoRoutes() {
  const world = await twoAccounts();
  const busyPolicy = world.dev("team/unused").policyText;
  const names = { busy: [] as string[], team: [] as string[] };
  for (let position = 0; position < 6; position += 1) {
    const [busy, team] = [image({ seed: 10 + position }), image({ seed: 30 + position })];
    const repository = world.emulator.repository(busyAccount, region, `busy/app-${position}`);
    Object.assign(repository, { policyText: busyPolicy });
    placeImage(repository, busy, { tags: ["1"] });
    placeImage(world.dev(`team/app-${position}`), team, { tags: ["1"] });
    for (const route of ["busy", "team"] as const) {
      world.prod(`${route}/app-${position}`);
      names[route].push(`${prodHost}/${route}/app-${position}:1`);
    }
  }
  world.role.identity.policies.push({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "ecr:*", Resource: "*" }],
  });
  return { world, names };
}

describe("a source that says Retry-After", { timeout: 60_000 }, () => {
  it("lets its own images wait, and no image of another source", async () => {
    const { world, names } = await twoRoutes();
    await using _ = world;
    const { emulator } = world;
    const throttle = {
      do: "status",
      status: 429,
      headers: { "retry-after": String(retryAfterMs / 1_000) },
    } as const;
    const fault = emulator.faults.add({ kind: "blob-get", account: busyAccount, times: 1 }, throttle);
    const args = [...names.busy, ...names.team, "--concurrency", "2"];
    const { code, report } = await world.promote(args, options);
    expect(report.images.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(code).toBe(0);
    expect(fault.met).toBeGreaterThan(0);
    const tagged = (route: string) =>
      emulator.requests
        .filter(
          ({ kind, path, account }) =>
            kind === "manifest-put" && account === prodAccount && path.includes(`/${route}/`),
        )
        .map(({ at }) => at);
    const throttledAt = emulator.requests.find(({ status }) => status === 429)?.at ?? 0;
    const lastOfTeam = Math.max(...tagged("team")) - throttledAt;
    // What was on its way already may still be answered.
    const underWayMs = 500;
    const askedOfBusy = emulator.requests
      .filter(({ account, at }) => account === busyAccount && at - throttledAt > underWayMs)
      .map(({ at }) => at - throttledAt);
    const firstOfBusy = Math.min(...askedOfBusy);
    console.log(
      `Retry-After of one route: 6 images of the other route done ${lastOfTeam} ms after it, its own asked again after ${firstOfBusy} ms`,
    );
    expect(firstOfBusy).toBeGreaterThanOrEqual(retryAfterMs * 0.95);
    expect(lastOfTeam).toBeLessThan(retryAfterMs);
  });
});
