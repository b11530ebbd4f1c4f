import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../kubernetes/self-signed.ts";
import { serveProxy, type TestProxy } from "../registry/sockets.ts";
import { devHost, prodHost, region, type TwoAccounts, twoAccounts } from "../scenarios/two-accounts.ts";
import { type EdgeImage, edgeImage, portOf, runProcess } from "./edge-run.ts";
import { type Forwarder, forward } from "./forwarder.ts";

const apiHost = `api.ecr.${region}.amazonaws.com`;
const password = "c4n4ry-of-the-proxy";

let world: TwoAccounts;
let image: EdgeImage;
let aws: Forwarder;
let folder: string;
let bundle: string;
beforeAll(async () => {
  // The storage origin has an address of this machine, which no proxy leads to.
  world = await twoAccounts({ blobRedirect: false });
  image = edgeImage(world);
  const certificate = selfSigned({ names: [devHost, prodHost, apiHost] });
  aws = await forward({ to: portOf(world.emulator.url), tls: certificate });
  folder = await mkdtemp(join(tmpdir(), "promoter-proxy-"));
  bundle = join(folder, "ca.pem");
  await writeFile(bundle, certificate.certificate);
});
afterAll(async () => {
  await aws[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => image.forget());

/** Promotes as in production: by the names that AWS has, of which only the proxy knows where they are. */
function promote(proxyPort: number, more: Readonly<Record<string, string>> = {}) {
  const { AWS_ENDPOINT_URL: _api, PROMOTER_REGISTRY_ENDPOINT: _registries, ...env } = world.env;
  const HTTPS_PROXY = `http://promoter:${password}@127.0.0.1:${proxyPort}`;
  return runProcess({ env: { ...env, HTTPS_PROXY, NODE_EXTRA_CA_CERTS: bundle, ...more } });
}

function hostsOf(proxy: TestProxy): string[] {
  return [...new Set(proxy.tunnels)].sort();
}

describe("a proxy between", () => {
  it("leads to registries and to the AWS SDK's API, with its password and an authority of one's own", async () => {
    await using proxy = await serveProxy(aws.port);
    expect(await promote(proxy.port)).toMatchObject({ code: 0 });
    image.expectPromoted();
    expect(hostsOf(proxy)).toEqual([`${devHost}:443`, `${prodHost}:443`, `${apiHost}:443`]);
    const said = new Set(proxy.seen.map(({ headers }) => headers["proxy-authorization"]));
    expect(said).toEqual(new Set([`Basic ${btoa(`promoter:${password}`)}`]));
    // The proxy's password is the proxy's alone.
    const told = world.emulator.requests.map(({ headers }) => headers["proxy-authorization"]);
    expect(new Set(told)).toEqual(new Set([undefined]));
  });

  it("is tried again when it drops connections", async () => {
    await using proxy = await serveProxy(aws.port);
    await using dropping = await forward({ to: proxy.port, resets: 2 });
    expect(await promote(dropping.port)).toMatchObject({ code: 0 });
    image.expectPromoted();
    expect(dropping.connections()).toBeGreaterThan(2);
  });

  it.each<[number, number, RegExp]>([
    [407, 4, /407|Proxy/],
    [403, 4, /403|[Pp]roxy/],
  ])("that answers %i ends the promotion with %i and the reason", async (status, code, reason) => {
    await using proxy = await serveProxy(aws.port, status);
    const run = await promote(proxy.port);
    expect(run.stderr).toMatch(reason);
    expect(run.code).toBe(code);
    expect(run.stdout + run.stderr).not.toContain(password);
    image.expectUntouched();
  });

  it("that is not there ends the promotion as what may pass", async () => {
    await using gone = await forward({ to: 1 });
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    const run = await promote(port);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("ECONNREFUSED") });
  });
});

describe("NO_PROXY", () => {
  it("keeps what it names from the proxy: registries, by an endpoint, and AWS's API", async () => {
    await using proxy = await serveProxy(aws.port);
    const direct = { ...world.env, NO_PROXY: "*.amazonaws.com,127.0.0.1" };
    expect(await promote(proxy.port, direct)).toMatchObject({ code: 0 });
    image.expectPromoted();
    expect(proxy.tunnels).toEqual([]);
  });

  it("leaves the others to it", async () => {
    await using proxy = await serveProxy(aws.port);
    const { AWS_ENDPOINT_URL = "" } = world.env;
    const run = await promote(proxy.port, { AWS_ENDPOINT_URL, NO_PROXY: "127.0.0.1" });
    expect(run).toMatchObject({ code: 0 });
    expect(hostsOf(proxy)).toEqual([`${devHost}:443`, `${prodHost}:443`]);
  });
});
