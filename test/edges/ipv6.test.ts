import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EcrEmulator, startEcrEmulator } from "../emulator/emulator.ts";
import { image, rootDigest } from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { serveProxy } from "../registry/sockets.ts";
import { devAccount, prodAccount, region, twoAccounts } from "../scenarios/two-accounts.ts";
import { edgeImage, portOf, runProcess } from "./edge-run.ts";
import { type Forwarder, forward } from "./forwarder.ts";
import { hasMountNamespaces, inMountNamespace } from "./namespace.ts";

/** Registries that anybody may use, each behind one port of ::1 and no address of IPv4. */
let emulator: EcrEmulator;
let source: Forwarder;
let destination: Forwarder;
beforeAll(async () => {
  emulator = await startEcrEmulator({ mode: "strict" });
  [source, destination] = await Promise.all([onlyIpv6(devAccount), onlyIpv6(prodAccount)]);
});
afterAll(async () => {
  for (const opened of [source, destination, emulator]) await opened[Symbol.asyncDispose]();
});

async function onlyIpv6(account: string): Promise<Forwarder> {
  return await forward({ to: portOf(`http://${await emulator.listen(account, region)}`), host: "::1" });
}

/** Places an image of its own, and says what production has under its name. */
function placed(name: string) {
  const fixture = placeImage(emulator.repository(devAccount, region, name), image({ seed: name.length }), {
    tags: ["1"],
  });
  const prod = emulator.repository(prodAccount, region, name);
  return { wanted: rootDigest(fixture), found: () => prod.imageTags.get("1") };
}

function promote(name: string, from: string, to: string, env: Readonly<Record<string, string>> = {}) {
  return { args: ["promote", "--from", from, "--to", to, `${to}/${name}:1`], env };
}

describe("a host that has an address of IPv6 only", () => {
  it("is reached by its address, written out in references", async () => {
    const { wanted, found } = placed("literal/app");
    const run = promote("literal/app", `[::1]:${source.port}`, `[::1]:${destination.port}`);
    expect(await runProcess(run)).toMatchObject({ code: 0 });
    expect(found()).toBe(wanted);
  });

  it.skipIf(!hasMountNamespaces())("is reached by its name", async () => {
    const { wanted, found } = placed("named/app");
    const name = "registry6.test";
    const hosts = `hosts=$(mktemp) && echo "::1 ${name}" >"$hosts" && mount --bind "$hosts" /etc/hosts && rm "$hosts"`;
    const [from, to] = [`${name}:${source.port}`, `${name}:${destination.port}`];
    const run = promote("named/app", from, to, { PROMOTER_INSECURE_REGISTRY: `${from},${to}` });
    const done = await runProcess({ ...run, within: inMountNamespace(hosts) });
    expect(done).toMatchObject({ code: 0 });
    expect(found()).toBe(wanted);
  });

  it("serves ECR and the AWS SDK as well", async () => {
    await using world = await twoAccounts({ blobRedirect: false });
    const prod = edgeImage(world);
    await using ecr = await forward({ to: portOf(world.emulator.url), host: "::1" });
    const url = `http://[::1]:${ecr.port}`;
    const env = { ...world.env, AWS_ENDPOINT_URL: url, PROMOTER_REGISTRY_ENDPOINT: `*.amazonaws.com=${url}` };
    expect(await runProcess({ env })).toMatchObject({ code: 0 });
    prod.expectPromoted();
    expect(ecr.connections()).toBeGreaterThan(1);
  });

  it("is reached through a proxy, and a proxy that is such a host leads on", async () => {
    await using proxy = await serveProxy(1);
    await using proxy6 = await forward({ to: proxy.port, host: "::1" });
    // Documentation's own addresses: nothing is there, and only the proxy is asked for it.
    const run = promote("proxied/app", "[2001:db8::1]:5000", "[2001:db8::2]:5000", {
      HTTP_PROXY: `http://[::1]:${proxy6.port}`,
      PROMOTER_INSECURE_REGISTRY: "[2001:db8::1]:5000,[2001:db8::2]:5000",
    });
    await runProcess(run);
    const asked = proxy.seen.map(({ path }) => path);
    expect(asked).toContainEqual(
      expect.stringContaining("http://[2001:db8::1]:5000/v2/proxied/app/manifests/1"),
    );
    expect(asked.filter((path) => !path.startsWith("http://[2001:db8::"))).toEqual([]);
  });
});
