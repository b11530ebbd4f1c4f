import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../job/async/clock.ts";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import { fastClock } from "../endurance/fast-clock.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import {
  devAccount,
  prodAccount,
  prodHost,
  region,
  type TwoAccounts,
  twoAccounts,
} from "../scenarios/two-accounts.ts";
import { edgeImage, portOf, promotion, runProcess } from "./edge-run.ts";
import { type ForwarderOptions, forward } from "./forwarder.ts";

describe("a connection to a registry", () => {
  /** Promotes an image of many layers by a way to the registries that is not as it should be. */
  async function promoteBy(way: Omit<ForwarderOptions, "to">) {
    await using world = await twoAccounts({ blobRedirect: false });
    const { wanted, prod } = manyLayers(world);
    await using forwarder = await forward({ ...way, to: portOf(world.emulator.url) });
    const env = { PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=http://127.0.0.1:${forwarder.port}` };
    expect(await world.run(promotion, { env })).toMatchObject({ code: 0 });
    expect(prod.imageTags.get("1")).toBe(wanted);
    return { connections: forwarder.connections(), raced: forwarder.raced() };
  }

  it("that the server closes just as a request comes is replaced, for reading and for writing", async () => {
    expect(await promoteBy({ races: 12 })).toMatchObject({ raced: 12 });
  });

  it("that the server closes after an answer, without a word, is not used again", async () => {
    let closed = 0;
    const end = (socket: Socket) => {
      closed += 1;
      socket.end();
    };
    const { connections } = await promoteBy({ whenIdle: end });
    expect(closed).toBeGreaterThan(0);
    expect(connections).toBeGreaterThan(1);
  });

  it("on which an answer comes that nobody has asked for is given up", async () => {
    let sent = 0;
    const speak = (socket: Socket) => {
      sent += 1;
      // Where a request passes it on the way it is that request's answer, which is then asked for again elsewhere.
      socket.write("HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    };
    const { connections } = await promoteBy({ whenIdle: speak });
    expect(sent).toBeGreaterThan(0);
    expect(connections).toBeGreaterThan(sent);
  });

  it("that brings every answer byte by byte brings the same image", async () => {
    await promoteBy({ bytewise: true });
  });
});

function manyLayers(world: TwoAccounts) {
  const fixture = image({ layers: Array.from({ length: 12 }, (_, at) => 1_000 + at) });
  placeImage(world.dev("team/app"), fixture, { tags: ["1"] });
  return { wanted: rootDigest(fixture), prod: world.prod("team/app") };
}

describe("a name that DNS does not know", () => {
  let emulator: EcrEmulator;
  let ports: readonly [from: number, to: number];
  beforeAll(async () => {
    emulator = await startEcrEmulator({ mode: "strict" });
    const [from, to] = await Promise.all([devAccount, prodAccount].map((id) => emulator.listen(id, region)));
    ports = [portOf(`http://${from}`), portOf(`http://${to}`)];
  });
  afterAll(() => emulator[Symbol.asyncDispose]());

  it.each([
    ["for a moment only does no harm", "EAI_AGAIN 2", 0, /copied/],
    ["because DNS does not answer may be known later", "EAI_AGAIN 1000", 1, /"code":"Network".*EAI_AGAIN/],
    [
      "at all ends the promotion",
      "ENOTFOUND 1000",
      4,
      /"code":"Network".*no address is known for (dev|prod)\.test/,
    ],
  ])("%s", async (title, resolver, code, said) => {
    const name = `team/${title.length}`;
    const fixture = placeImage(emulator.repository(devAccount, region, name), image(), { tags: ["1"] });
    const prod = emulator.repository(prodAccount, region, name);
    const [from, to] = [`dev.test:${ports[0]}`, `prod.test:${ports[1]}`];
    const run = await runProcess({
      args: ["promote", "--from", from, "--to", to, `${to}/${name}:1`],
      env: {
        NODE_OPTIONS: `--import=${new URL("fickle-resolver.mjs", import.meta.url)}`,
        FICKLE_RESOLVER: resolver,
        PROMOTER_INSECURE_REGISTRY: `${from},${to}`,
      },
    });
    expect(run.stderr).toMatch(said);
    expect(run.code).toBe(code);
    expect(prod.imageTags.get("1")).toBe(code === 0 ? rootDigest(fixture) : undefined);
  });
});

describe("STS that is throttled", () => {
  const throttled = {
    do: "status",
    status: 400,
    headers: { "content-type": "text/xml" },
    body: "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
  } as const;

  /** Promotes by a role that has to be assumed first. */
  async function promote(world: TwoAccounts, clock: Clock = systemClock) {
    const { arn, identity } = world.emulator.account(prodAccount).createRole("pusher");
    identity.policies.push(...world.role.identity.policies);
    world.allow("sts:AssumeRole");
    const text = `apiVersion: image-promoter/v1\nkind: Promoter\nregistries:\n  - host: ${prodHost}\n    roleArn: ${arn}\n`;
    return await world.run([...promotion, "--config", "roles.yaml"], {
      files: { "roles.yaml": text },
      clock,
    });
  }

  it("is asked again, and the promotion goes on", async () => {
    await using world = await twoAccounts();
    const prod = edgeImage(world);
    const fault = world.emulator.faults.add({ kind: "sts", times: 2 }, throttled);
    expect(await promote(world)).toMatchObject({ code: 0 });
    prod.expectPromoted();
    expect(fault.met).toBe(2);
  });

  it("for ever ends the promotion as what may pass", async () => {
    await using world = await twoAccounts();
    const prod = edgeImage(world);
    const fault = world.emulator.faults.add({ kind: "sts" }, throttled);
    const run = await promote(world, fastClock(50));
    expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(/TooManyRequests.*Rate exceeded/) });
    prod.expectUntouched();
    expect(fault.met).toBeLessThanOrEqual(18);
  });
});
