import { X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import {
  flawOf,
  isVouchedFor,
  validCertificates,
  validityOf,
} from "../../../job/webhook/certificates/check-certificate.ts";
import { issueCertificate } from "../../../job/webhook/certificates/make-certificate.ts";
import { secret } from "../../secrets/ledger.ts";

const now = Date.now();
const hour = 3_600_000;
const service = "image-promoter.promotion.svc";

async function issue(options: { names?: readonly string[]; from?: number; until?: number } = {}) {
  const { names = [service], from = now - hour, until = now + hour } = options;
  const issued = await issueCertificate({ names, notBefore: from, notAfter: until });
  secret(issued.key);
  return issued;
}

/** Who answers under this name, to somebody who trusts these authorities; why nobody, else. */
async function handshake(server: { certificate: string; key: string }, ca: string, name: string) {
  const listening = createServer({ cert: server.certificate, key: server.key });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      const servername = isIP(name) === 0 ? { servername: name } : {};
      const socket = connect({ port, host: "127.0.0.1", ca, ...servername }, () => {
        resolve(socket.authorized ? "trusted" : String(socket.authorizationError));
        socket.destroy();
      });
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    listening.close();
  }
}

describe("issueCertificate", () => {
  it("makes what a client trusts who trusts its authority, under each of its names, and nobody else does", async () => {
    const [one, other] = await Promise.all([issue({ names: [service, "127.0.0.1"] }), issue()]);
    expect(await handshake(one, one.authority, service)).toBe("trusted");
    expect(await handshake(one, one.authority, "127.0.0.1")).toBe("trusted");
    expect(await handshake(one, one.authority, "elsewhere.svc")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(await handshake(one, other.authority, service)).toMatch(
      /UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER)/,
    );
    expect(await handshake(one, other.authority + one.authority, service)).toBe("trusted");
  });

  it("says what each may be used for", async () => {
    const issued = await issue();
    const [authority, certificate] = [
      new X509Certificate(issued.authority),
      new X509Certificate(issued.certificate),
    ];
    expect([authority.ca, certificate.ca]).toEqual([true, false]);
    expect(certificate.checkIssued(authority)).toBe(true);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.serialNumber).not.toBe(authority.serialNumber);
    expect(certificate.subject).toBe(`CN=${service}`);
  });

  it("holds for as long as it was told", async () => {
    const { certificate, authority } = await issue({ from: now - hour, until: now + 2 * hour });
    for (const pem of [certificate, authority]) {
      expect(validityOf(pem)?.from).toBeCloseTo(now - hour, -4);
      expect(validityOf(pem)?.until).toBeCloseTo(now + 2 * hour, -4);
    }
  });

  it("has a common name of no more than 64 characters", async () => {
    const long = `${"a".repeat(60)}.${"b".repeat(60)}.svc`;
    const issued = await issue({ names: [long] });
    expect(new X509Certificate(issued.certificate).subject).toBe("CN=image-promoter");
    expect(flawOf(issued, { names: [long], now })).toBeUndefined();
  });
});

describe("what is wrong with a certificate", () => {
  it("is told, and nothing of one that can be served", async () => {
    const [issued, other, old, early] = await Promise.all([
      issue(),
      issue(),
      issue({ from: now - 2 * hour, until: now - hour }),
      issue({ from: now + hour, until: now + 2 * hour }),
    ]);
    const demands = { names: [service], now };
    expect(flawOf(issued, demands)).toBeUndefined();
    expect(flawOf({ ...issued, key: other.key }, demands)).toBe("certificate and key are no pair");
    expect(flawOf({ ...issued, key: "" }, demands)).toBe("certificate and key are no pair");
    expect(flawOf({ certificate: "-----BEGIN", key: "" }, demands)).toBe("it is no certificate");
    expect(flawOf(issued, { names: [service, "b.svc"], now })).toBe("it is not for b.svc");
    expect(flawOf(issued, { names: ["10.0.0.1"], now })).toBe("it is not for 10.0.0.1");
    expect(flawOf(old, demands)).toMatch(/^it ended at /);
    expect(flawOf(early, demands)).toMatch(/^it begins at /);
  });

  it("is also that none of the authorities issued it", async () => {
    const [one, other] = await Promise.all([issue(), issue()]);
    expect(isVouchedFor(one.certificate, other.authority + one.authority, now)).toBe(true);
    expect(isVouchedFor(one.certificate, other.authority, now)).toBe(false);
    expect(isVouchedFor(one.certificate, "", now)).toBe(false);
  });

  it("does not matter for the others of a bundle", async () => {
    const [one, old] = await Promise.all([issue(), issue({ from: now - 2 * hour, until: now - hour })]);
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    const text = `a comment\n${old.authority}${broken}${one.authority}-----BEGIN CERTIFICATE-----\ncut`;
    expect(validCertificates(text, now)).toEqual([one.authority]);
  });
});
