import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../job/async/clock.ts";
import type { ServerCertificate } from "../../../job/http-server/secure-listener.ts";
import { silentLog } from "../../../job/log.ts";
import { issueCertificate } from "../../../job/webhook/certificates/make-certificate.ts";
import {
  certificatesOfFiles,
  certificatesOfSecret,
} from "../../../job/webhook/certificates/served-certificates.ts";
import { startCluster } from "../../kubernetes/fake-cluster.ts";

const hour = 3_600_000;

function issue(notAfter = Date.now() + hour) {
  return issueCertificate({ names: ["webhook.svc"], notBefore: Date.now() - 2 * hour, notAfter });
}

let controller: AbortController;
let warnings: string[];
const log = { ...silentLog, warn: (_: object, message: string) => warnings.push(message) };
beforeEach(() => {
  controller = new AbortController();
  warnings = [];
});
afterEach(() => controller.abort());

describe("certificatesOfFiles", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "certificates-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (name: string, text: string) => writeFile(join(folder, name), text);
  const follow = () =>
    certificatesOfFiles({
      certificateFile: join(folder, "tls.crt"),
      keyFile: join(folder, "tls.key"),
      readFile: (path) => readFile(path, "utf8"),
      ...{ clock: systemClock, log, signal: controller.signal, everyMs: 20 },
    });

  it("gives what is there, then what Kubernetes puts in its place", async () => {
    const [first, second] = await Promise.all([issue(), issue()]);
    // As a Secret is mounted: names that lead through a link, which is replaced in one step.
    for (const [name, { certificate, key }] of Object.entries({ one: first, two: second })) {
      await mkdir(join(folder, name));
      await write(`${name}/tls.crt`, certificate);
      await write(`${name}/tls.key`, key);
    }
    await symlink("one", join(folder, "..data"));
    await symlink("..data/tls.crt", join(folder, "tls.crt"));
    await symlink("..data/tls.key", join(folder, "tls.key"));
    const certificates = follow();
    expect((await certificates.next()).value).toMatchObject({ certificate: first.certificate });
    const next = certificates.next();
    await symlink("two", join(folder, "..new"));
    await rename(join(folder, "..new"), join(folder, "..data"));
    expect((await next).value).toEqual({ certificate: second.certificate, key: second.key });
  });

  it("never gives the certificate of one pair with the key of another", async () => {
    const [first, second] = await Promise.all([issue(), issue()]);
    await write("tls.crt", first.certificate);
    await write("tls.key", first.key);
    const certificates = follow();
    await certificates.next();
    const given: ServerCertificate[] = [];
    const next = certificates.next().then(({ value }) => given.push(value));
    await write("tls.crt", second.certificate);
    await expect.poll(() => warnings).toContainEqual(expect.stringContaining("no pair"));
    expect(given).toEqual([]);
    await write("tls.key", second.key);
    await next;
    expect(given).toEqual([{ certificate: second.certificate, key: second.key }]);
  });

  it("goes on with what it has when files are away for a while", async () => {
    const [first, second] = await Promise.all([issue(), issue()]);
    await write("tls.crt", first.certificate);
    await write("tls.key", first.key);
    const certificates = follow();
    await certificates.next();
    const next = certificates.next();
    await rm(join(folder, "tls.key"));
    await expect.poll(() => warnings.length).toBeGreaterThan(0);
    await write("tls.key", second.key);
    await write("tls.crt", second.certificate);
    expect((await next).value).toMatchObject({ certificate: second.certificate });
  });

  it("refuses to begin without files", async () => {
    await expect(follow().next()).rejects.toMatchObject({
      code: "InvalidConfiguration",
      message: expect.stringContaining("ENOENT"),
    });
  });

  it("ends with the signal", async () => {
    const { certificate, key } = await issue();
    await write("tls.crt", certificate);
    await write("tls.key", key);
    const certificates = follow();
    await certificates.next();
    const last = certificates.next();
    controller.abort();
    expect((await last).done).toBe(true);
  });
});

describe("certificatesOfSecret", () => {
  it("waits for a pair, and gives each once", async () => {
    await using cluster = await startCluster();
    await using api = cluster.open();
    const path = "/api/v1/namespaces/shop/secrets/tls";
    const [first, second, ended] = await Promise.all([issue(), issue(), issue(Date.now() - hour)]);
    const put = ({ certificate, key }: ServerCertificate, more: object = {}) =>
      cluster.put(path, {
        ...more,
        data: {
          "tls.crt": Buffer.from(certificate).toString("base64"),
          "tls.key": Buffer.from(key).toString("base64"),
        },
      });
    const certificates = certificatesOfSecret({
      ...{ api, namespace: "shop", name: "tls", clock: systemClock, log, signal: controller.signal },
    });
    const next = certificates.next();
    await expect.poll(() => cluster.requests.filter(({ path: at }) => at.includes("watch=1")).length).toBe(1);
    cluster.put("/api/v1/namespaces/shop/secrets/other", { data: {} });
    cluster.put(path, { data: { "tls.crt": 5 } });
    put({ certificate: first.certificate, key: second.key });
    put(first);
    expect((await next).value).toEqual({ certificate: first.certificate, key: first.key });
    put(first, { immutable: false });
    put(second);
    expect((await certificates.next()).value).toMatchObject({ certificate: second.certificate });
    expect(warnings).toEqual(["The certificate of the Secret: certificate and key are no pair"]);
    // Whoever keeps an old one wants it shown: the API server may not look at its time.
    put(ended);
    expect((await certificates.next()).value).toMatchObject({ certificate: ended.certificate });
    expect(warnings.at(-1)).toContain("it ended at");
    controller.abort();
  });
});
