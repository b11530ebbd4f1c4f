import { describe, expect, it } from "vitest";
import type { FaultEffect, FaultMatch } from "../emulator/faults.ts";
import { withAttestations } from "../fixtures/attachments.ts";
import { image } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import { type CommandRun, runCommand } from "../scenarios/command-run.ts";
import {
  devAccount,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "../scenarios/two-accounts.ts";

const app = `${prodHost}/team/app:1`;
const outputs = ["text", "json", "markdown"] as const;

/** What goes wrong, or does not, while secrets are about. */
const situations: readonly {
  readonly name: string;
  readonly fault?: readonly [FaultMatch, FaultEffect];
  readonly prepare?: (world: TwoAccounts) => void;
}[] = [
  { name: "all goes well" },
  { name: "access is denied", prepare: ({ role }) => void role.identity.policies.splice(1) },
  { name: "tokens are refused", prepare: ({ role }) => void role.identity.policies.splice(0) },
  { name: "tokens are always expired", fault: [{ kind: "manifest-head" }, { do: "expired-token" }] },
  { name: "layers are altered on their way", fault: [{ kind: "storage" }, { do: "flip-byte", at: 3 }] },
  {
    name: "the storage refuses its own address",
    fault: [
      { kind: "storage", times: 3 },
      { do: "status", status: 403, body: "<Error><Code>AccessDenied</Code></Error>" },
    ],
  },
  {
    name: "the storage breaks off, time and again",
    fault: [
      { kind: "storage", times: 3 },
      { do: "truncate", bytes: 10 },
    ],
  },
  { name: "blobs lead round in a circle", fault: [{ kind: "blob-get" }, { do: "redirect-loop" }] },
  { name: "a proxy answers with a page", fault: [{ kind: "manifest-put" }, { do: "html", status: 403 }] },
];

describe("no output has a secret in it", { timeout: 60_000 }, () => {
  it.each(situations)("when $name", async ({ fault, prepare }) => {
    await using world = await twoAccounts();
    const content = withAttestations([image({ seed: 1 }), image({ seed: 2 })]);
    placeImage(world.dev("team/app"), content, { tags: ["1"] });
    world.prod("team/app");
    prepare?.(world);
    if (fault !== undefined) world.emulator.faults.add(...fault);
    const runs: CommandRun[] = [];
    for (const command of ["doctor", "plan", "promote"]) {
      for (const output of command === "promote" ? outputs : outputs.slice(0, 1)) {
        runs.push(await world.run([command, app, "-o", output, "--log-level", "debug"]));
      }
    }
    expectNone(secretsOf(world), runs);
  });

  it("when a registry repeats in its errors what it was sent", async () => {
    await using world = await twoAccounts();
    const { emulator } = world;
    const from = await emulator.listen(devAccount, region);
    const to = await emulator.listen(prodAccount, region);
    const source = emulator.account(devAccount).admin().mintToken();
    const destination = emulator.account(prodAccount).admin().mintToken();
    placeImage(world.dev("team/app"), multiPlatform(), { tags: ["1"] });
    world.prod("team/app");
    const auths = {
      [from]: { auth: source.authorizationToken },
      [to]: { auth: destination.authorizationToken },
    };
    const files = { "/home/ci/.docker/config.json": JSON.stringify({ auths }) };
    const message = `cannot use Basic ${destination.authorizationToken}, AWS:${destination.password}`;
    emulator.faults.add(
      { kind: "manifest-put" },
      {
        do: "status",
        status: 400,
        body: { errors: [{ code: "MANIFEST_INVALID", message, detail: message }] },
      },
    );
    const args = ["--from", from, "--to", to, `${to}/team/app:1`, "--log-level", "debug"];
    const env = { HOME: "/home/ci" };
    const runs: CommandRun[] = [];
    for (const output of outputs)
      runs.push(await runCommand(["promote", "-o", output, ...args], { env, files }));
    expect(runs.map(({ code }) => code)).toEqual([4, 4, 4]);
    for (const { stdout } of runs) expect(stdout).toContain("cannot use");
    const secrets = [source, destination].flatMap((token) => [token.authorizationToken, token.password]);
    expectNone(secrets, runs);
    // The registry was logged in to, so there was something to give away.
    expect(
      emulator.requests.some(
        ({ headers }) => headers.authorization === `Basic ${destination.authorizationToken}`,
      ),
    ).toBe(true);
  });
});

/** Keys, tokens, passwords, and the signatures of presigned addresses that the run had to do with. */
function secretsOf({ emulator, role }: TwoAccounts): readonly string[] {
  const signed = emulator.requests
    .filter(({ kind }) => kind === "storage")
    .flatMap(({ path }) => [...new URL(path, emulator.storage.url).searchParams])
    .filter(([name]) => /signature|credential|token/i.test(name))
    .map(([, value]) => value);
  const sent = emulator.requests.flatMap(({ headers }) => {
    const [, value = ""] = /^Basic (.*)$/.exec(headers.authorization ?? "") ?? [];
    return value === "" ? [] : [value, Buffer.from(value, "base64").toString().slice("AWS:".length)];
  });
  const keys = [role.accessKeyId, role.secretAccessKey, role.sessionToken ?? ""];
  return [...new Set([...keys, ...sent, ...signed])];
}

function expectNone(secrets: readonly string[], runs: readonly CommandRun[]): void {
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(15);
  for (const { stdout, stderr, written } of runs) {
    expect((stdout + stderr).length).toBeGreaterThan(0);
    const said = [stdout, stderr, ...written.values()].join("\n");
    for (const secret of secrets) {
      expect(said).not.toContain(secret);
      expect(said).not.toContain(encodeURIComponent(secret));
    }
  }
}
