import { beforeAll, describe, expect, it } from "vitest";
import {
  type IssuedCertificate,
  issueCertificate,
} from "../../../job/webhook/certificates/make-certificate.ts";
import {
  begun,
  nextStep,
  prepared,
  type RotationStep,
  switched,
  validityFrom,
} from "../../../job/webhook/certificates/rotation.ts";
import {
  readTlsSecret,
  type TlsSecret,
  writeTlsSecret,
} from "../../../job/webhook/certificates/tls-secret.ts";

const day = 24 * 3_600_000;
const rules = { names: ["webhook.svc"], lifetimeMs: 90 * day };
const start = Date.UTC(2026, 0, 1);

let one: IssuedCertificate;
let two: IssuedCertificate;
let first: TlsSecret;
let waiting: TlsSecret;
beforeAll(async () => {
  one = await issueCertificate({ names: rules.names, ...validityFrom(start, rules) });
  two = await issueCertificate({ names: rules.names, ...validityFrom(start + 60 * day, rules) });
  first = begun({ authorities: "" }, one, start);
  waiting = prepared(first, two, start + 60 * day);
});

const cases: readonly [when: string, secret: () => TlsSecret, day: number, step: RotationStep][] = [
  ["there is none", () => ({ authorities: "" }), 0, { type: "begin" }],
  ["it is new", () => first, 1, { type: "rest", until: start + 60 * day }],
  ["two thirds are over", () => first, 60, { type: "prepare" }],
  ["it has ended", () => first, 90, { type: "begin" }],
  ["a successor waits", () => waiting, 61, { type: "switch", atOnce: false }],
  ["it has ended while a successor waits", () => waiting, 91, { type: "switch", atOnce: true }],
  ["both have ended", () => waiting, 200, { type: "begin" }],
  [
    "the successor's key is another's",
    () => ({ ...waiting, next: { ...two, key: one.key } }),
    61,
    { type: "prepare" },
  ],
];

describe("what is to be done about a certificate", () => {
  it.each(cases)("when %s", (_when, secret, days, step) => {
    expect(nextStep(secret(), rules, start + days * day)).toEqual(step);
  });

  it("when it is for another name", () => {
    expect(nextStep(first, { ...rules, names: ["other.svc"] }, start)).toEqual({ type: "begin" });
  });
});

describe("a change of certificates", () => {
  it("has the new authority trusted before, and the old one after", () => {
    expect(waiting.current).toEqual(first.current);
    expect(waiting.authorities).toBe(two.authority + one.authority);
    const after = switched(waiting, start + 61 * day);
    expect(after).toEqual({
      current: { certificate: two.certificate, key: two.key },
      authorities: two.authority + one.authority,
    });
  });

  it("ends the trust in what has ended", async () => {
    const after = switched(waiting, start + 61 * day);
    const three = await issueCertificate({ names: rules.names, ...validityFrom(start + 120 * day, rules) });
    expect(prepared(after, three, start + 120 * day).authorities).toBe(three.authority + two.authority);
  });

  it("survives being written to a Secret and read from it, and leaves what is others'", () => {
    const before = {
      metadata: { name: "tls" },
      data: { note: "bm90ZQ==", "next.crt": "b2xk", "next.key": "b2xk" },
    };
    const data = writeTlsSecret(before, waiting);
    expect(data.note).toBe("bm90ZQ==");
    expect(readTlsSecret({ ...before, data })).toEqual(waiting);
    const after = writeTlsSecret({ ...before, data }, switched(waiting, start + 61 * day));
    expect(Object.keys(after).sort()).toEqual(["ca.crt", "note", "tls.crt", "tls.key"]);
  });
});
