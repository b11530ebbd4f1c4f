import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type SelfSigned, selfSigned } from "../kubernetes/self-signed.ts";
import { devHost, prodHost, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { type EdgeImage, edgeImage, portOf, runProcess } from "./edge-run.ts";
import { forward } from "./forwarder.ts";

let world: TwoAccounts;
let image: EdgeImage;
let folder: string;
beforeAll(async () => {
  // The storage origin speaks plain HTTP, and from HTTPS there is no way there.
  world = await twoAccounts({ blobRedirect: false });
  image = edgeImage(world);
  folder = await mkdtemp(join(tmpdir(), "promoter-certificates-"));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => image.forget());

// The registry's own name has to stand in the certificate, whatever the endpoint is called.
const names = [devHost, prodHost];

type Place = "registry" | "AWS" | "both";

interface Secured {
  /** What speaks TLS, by this certificate; the rest speaks plain HTTP. */
  readonly place: Place;
  readonly certificate: SelfSigned;
  /** What is trusted besides the public authorities. */
  readonly trusted?: SelfSigned;
}

/** Promotes by a registry, an AWS API, or both, that come under a certificate. */
async function promote({ place, certificate, trusted }: Secured) {
  await using front = await forward({ to: portOf(world.emulator.url), tls: certificate });
  const url = `https://127.0.0.1:${front.port}`;
  const bundle = join(folder, "ca.pem");
  if (trusted) await writeFile(bundle, trusted.certificate);
  return await runProcess({
    env: {
      ...world.env,
      ...(place !== "AWS" && { PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${url}` }),
      ...(place !== "registry" && { AWS_ENDPOINT_URL: url }),
      ...(trusted && { NODE_EXTRA_CA_CERTS: bundle }),
    },
  });
}

describe("an authority of one's own", () => {
  it("is trusted by registries and by the AWS SDK when NODE_EXTRA_CA_CERTS names it", async () => {
    const own = selfSigned({ names });
    expect(await promote({ place: "both", certificate: own, trusted: own })).toMatchObject({ code: 0 });
    image.expectPromoted();
  });

  it("is an error of the configuration when the file is not there", async () => {
    const env = { ...world.env, NODE_EXTRA_CA_CERTS: join(folder, "missing.pem") };
    const run = await runProcess({ env });
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(/InvalidConfiguration.*missing\.pem/s);
    image.expectUntouched();
  });
});

describe.each<Place>(["registry", "AWS"])("a certificate of %s", (place) => {
  const own = selfSigned({ names });
  const expired = selfSigned({ names, expired: true });
  const ofOthers = selfSigned({ loopback: false, names: ["other.example.com"] });

  it.each<[string, Omit<Secured, "place">]>([
    ["that nobody vouches for", { certificate: own }],
    ["that another authority vouches for", { certificate: own, trusted: expired }],
    ["whose time is over", { certificate: expired, trusted: expired }],
    ["that is for another host", { certificate: ofOthers, trusted: ofOthers }],
  ])("%s ends the promotion, and nothing is sent", async (_title, secured) => {
    world.emulator.clearRequests();
    const run = await promote({ place, ...secured });
    expect(run.code).toBe(4);
    expect(run.stderr).toMatch(/"code":"Network"/);
    expect(run.stderr).toMatch(/certificate/i);
    const seen = world.emulator.requests.filter(({ kind }) => (kind === "ecr-api") === (place === "AWS"));
    expect(seen).toEqual([]);
    image.expectUntouched();
  });
});

it("a registry that speaks plain HTTP where HTTPS is meant is not spoken to", async () => {
  await using front = await forward({ to: portOf(world.emulator.url) });
  world.emulator.clearRequests();
  const url = `https://127.0.0.1:${front.port}`;
  const run = await runProcess({
    env: { ...world.env, PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${url}` },
  });
  expect(run.code).toBe(4);
  expect(run.stderr).toContain("does not speak TLS");
  expect(world.emulator.requests.filter(({ kind }) => kind !== "ecr-api")).toEqual([]);
  image.expectUntouched();
});
