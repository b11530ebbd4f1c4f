import { beforeAll, describe, expect, it } from "vitest";
import { PromoterError } from "../../../job/error.ts";
import type { SignatureGateOptions } from "../../../job/gates/signature/policy.ts";
import { signatureGate } from "../../../job/gates/signature.ts";
import { detailOf, type SignedWorld, signedWorld } from "../signed-world.ts";
import { attachBundle, keyBundle, payloadFor, pemOf, statementFor, tagSignatures } from "../signing.ts";
import { type CertifiedOptions, Sigstore, somebody } from "../sigstore.ts";

let sigstore: Sigstore;
let stranger: Sigstore;
beforeAll(async () => {
  [sigstore, stranger] = await Promise.all([Sigstore.open(), Sigstore.open()]);
});

type Scene = (world: SignedWorld) => void | Promise<void>;

function keyless(changes: Partial<SignatureGateOptions> = {}): SignatureGateOptions {
  return { identities: [somebody], loadTrustedRoot: async () => sigstore.trustedRoot, ...changes };
}

const digestOfIndex = ({ index }: SignedWorld) => index.descriptor.digest;

async function certifySimple(world: SignedWorld, options?: CertifiedOptions, by = sigstore): Promise<void> {
  const payload = payloadFor(digestOfIndex(world));
  tagSignatures(world.repository, world.index, [
    { payload, annotations: await by.annotations(payload, options) },
  ]);
}

async function certifyBundle(world: SignedWorld, options?: CertifiedOptions, by = sigstore): Promise<void> {
  attachBundle(world.repository, world.index, await by.bundle(statementFor(digestOfIndex(world)), options));
}

describe("a keyless signature", () => {
  const accepted: readonly [name: string, scene: Scene][] = [
    ["cosign's first form", (world) => certifySimple(world)],
    ["cosign's first form with a timestamp", (world) => certifySimple(world, { timestamp: true })],
    ["a bundle", (world) => certifyBundle(world)],
    [
      "a bundle with a signature of the manifest",
      async ({ repository, index }) => {
        attachBundle(repository, index, await sigstore.messageBundle(index.bytes));
      },
    ],
    [
      "a bundle with a timestamp instead of the log's promise",
      (world) => certifyBundle(world, { log: "no-promise", timestamp: true }),
    ],
  ];

  it.each(accepted)("lets pass: %s", async (_name, scene) => {
    const world = signedWorld();
    await scene(world);
    const report = await world.promote(keyless());
    expect(detailOf(report)).toMatch(
      /^signed by https:\/\/github\.com\/acme\/app\/\S+ of https:\/\/token\.\S+ \(/,
    );
    expect(report.status).toBe("copied");
  });

  const workflow = "https://github.com/acme/app/.github/workflows/release.yml@";
  it.each([
    ["the exact subject", { subject: somebody.subject }, true],
    ["a pattern", { subjectPattern: `${workflow}refs/heads/*` }, true],
    ["a prefix", { subject: workflow }, false],
    ["a longer subject", { subject: `${somebody.subject}2` }, false],
    ["a pattern that fits only the beginning", { subjectPattern: `${workflow}*/tags` }, false],
    [
      "a pattern that a regular expression would fit",
      { subject: somebody.subject.replaceAll(".", "?") },
      false,
    ],
    [
      "another issuer",
      { subject: somebody.subject, issuer: "https://token.actions.githubusercontent.com/" },
      false,
    ],
  ])("is compared with %s", async (_name, identity, passes) => {
    const world = signedWorld();
    await certifyBundle(world);
    const report = await world.promote(keyless({ identities: [{ issuer: somebody.issuer, ...identity }] }));
    expect(report.gates?.[0]?.passed).toBe(passes);
    if (!passes)
      expect(detailOf(report)).toMatch(/it was made by "https:\/\/github\.com\/acme.* of the issuer "https/);
  });

  const forged: readonly [name: string, scene: Scene, detail: RegExp][] = [
    ["of another authority", (world) => certifyBundle(world, {}, stranger), /not of a trusted authority/],
    [
      "of another authority, in the first form",
      (world) => certifySimple(world, {}, stranger),
      /not of a trusted authority|no trusted transparency log/,
    ],
    [
      "of another issuer",
      (world) => certifyBundle(world, { issuer: "https://evil.example.com" }),
      /of the issuer "https:\/\/evil/,
    ],
    [
      "of a subject that only begins right",
      (world) => certifyBundle(world, { subject: `${somebody.subject}-evil` }),
      /it was made by/,
    ],
    [
      "of a subject in another place",
      (world) => certifySimple(world, { subject: `https://evil.example.com/?${somebody.subject}` }),
      /it was made by/,
    ],
    [
      "in no log, and without a timestamp",
      (world) => certifyBundle(world, { log: "none" }),
      /nobody trusted says when/,
    ],
    [
      "in no log",
      (world) => certifyBundle(world, { log: "none", timestamp: true }),
      /in no transparency log/,
    ],
    [
      "in no log, in the first form",
      (world) => certifySimple(world, { log: "none", timestamp: true }),
      /in no transparency log/,
    ],
    [
      "without a timestamp",
      (world) => certifyBundle(world, { log: "no-promise" }),
      /nobody trusted says when/,
    ],
    [
      "without a proof of the log",
      (world) => certifyBundle(world, { log: "promise-only" }),
      /no valid sigstore bundle/,
    ],
    [
      "with the log's entry of another signature",
      (world) => certifyBundle(world, { log: "other-signature" }),
      /log is of something else/,
    ],
    [
      "with the log's entry of another signature, in the first form",
      (world) => certifySimple(world, { log: "other-signature" }),
      /log is of something else/,
    ],
    [
      "after its certificate had expired",
      (world) => certifyBundle(world, { loggedIn: 3_600_000 }),
      /not valid when it signed/,
    ],
    [
      "before its certificate was valid",
      (world) => certifySimple(world, { loggedIn: -3_600_000 }),
      /not valid when it signed/,
    ],
    [
      "with the log's entry of another certificate",
      (world) => certifyBundle(world, { log: "other-certificate" }),
      /log is of another certificate/,
    ],
    [
      "with the log's entry of another certificate, in the first form",
      (world) => certifySimple(world, { log: "other-certificate" }),
      /log is of another certificate/,
    ],
    [
      "with a certificate that is for servers, too",
      (world) => certifyBundle(world, { uses: "servers" }),
      /not for signing code/,
    ],
    [
      "of another manifest",
      async ({ repository, index, child }) => {
        attachBundle(repository, index, await sigstore.messageBundle(child.bytes));
      },
      /something else than the image's manifest/,
    ],
    [
      "of another image",
      async (world) => {
        attachBundle(
          world.repository,
          world.index,
          await sigstore.bundle(statementFor(world.child.descriptor.digest)),
        );
      },
      /it is a signature of/,
    ],
    [
      "of a payload that was exchanged",
      async (world) => {
        const annotations = await sigstore.annotations(payloadFor(world.child.descriptor.digest));
        tagSignatures(world.repository, world.index, [
          { payload: payloadFor(digestOfIndex(world)), annotations },
        ]);
      },
      /log is of something else/,
    ],
    [
      "with somebody else's certificate",
      async (world) => {
        const payload = payloadFor(digestOfIndex(world));
        const own = await sigstore.annotations(payload, { subject: "https://evil.example.com" });
        const theirs = await sigstore.annotations(payload);
        const certificate = {
          "dev.sigstore.cosign/certificate": theirs["dev.sigstore.cosign/certificate"] ?? "",
        };
        tagSignatures(world.repository, world.index, [{ payload, annotations: { ...own, ...certificate } }]);
      },
      /does not fit its certificate/,
    ],
    [
      "with a certificate that is none",
      async (world) => {
        const payload = payloadFor(digestOfIndex(world));
        const annotations = {
          ...(await sigstore.annotations(payload)),
          "dev.sigstore.cosign/certificate": "PEM",
        };
        tagSignatures(world.repository, world.index, [{ payload, annotations }]);
      },
      /certificate or its entry of the transparency log is malformed/,
    ],
    [
      "with a thousand entries of the log",
      async (world) => {
        const bundle = (await sigstore.bundle(statementFor(digestOfIndex(world)))) as {
          verificationMaterial: { tlogEntries: readonly unknown[] };
        };
        const { verificationMaterial } = bundle;
        const tlogEntries = Array.from({ length: 1000 }, () => verificationMaterial.tlogEntries[0]);
        attachBundle(world.repository, world.index, {
          ...bundle,
          verificationMaterial: { ...verificationMaterial, tlogEntries },
        });
      },
      /more than 8 log entries/,
    ],
    [
      "by a key and without a certificate",
      (world) => {
        attachBundle(world.repository, world.index, keyBundle(world.key, statementFor(digestOfIndex(world))));
      },
      /it has no certificate/,
    ],
  ];

  it.each(forged)("is refused: %s", async (_name, scene, detail) => {
    const world = signedWorld();
    await scene(world);
    const report = await world.promote(keyless());
    expect(detailOf(report)).toMatch(detail);
    expect(report.error).toMatchObject({ code: "SignatureRequired", temporary: false });
    expect(world.prod.calls.filter(({ verb }) => verb.startsWith("push"))).toEqual([]);
  });

  it("needs no trusted root where a key has signed too", async () => {
    const world = signedWorld();
    attachBundle(world.repository, world.index, keyBundle(world.key, statementFor(digestOfIndex(world))));
    const keys = [{ name: "cosign.pub", pem: pemOf(world.key) }];
    const report = await world.promote(
      keyless({ keys, loadTrustedRoot: () => Promise.reject(new Error("asked")) }),
    );
    expect(report.status).toBe("copied");
  });

  it("is not refused for good when the trusted root cannot be had", async () => {
    const world = signedWorld();
    await certifyBundle(world);
    const offline = new PromoterError("Unavailable", "Cannot fetch the trusted root", { temporary: true });
    let asked = 0;
    const loadTrustedRoot = () => {
      asked += 1;
      return Promise.reject(offline);
    };
    await certifySimple(world);
    const report = await world.promote(keyless({ loadTrustedRoot }));
    expect(report.error).toMatchObject({ code: "Unavailable", temporary: true });
    expect(asked).toBe(1);
  });

  it("is asked about again for the next image when the trusted root could not be had, then no more", async () => {
    const world = signedWorld();
    await certifyBundle(world);
    let asked = 0;
    const loadTrustedRoot = async () => {
      asked += 1;
      if (asked === 1) throw new PromoterError("Unavailable", "503", { temporary: true });
      return sigstore.trustedRoot;
    };
    const gates = [signatureGate(keyless({ loadTrustedRoot }))];
    const promote = async () => {
      world.prod.repository("team/app").tags.clear();
      return (await world.promote(undefined, { gates })).status;
    };
    expect([await promote(), await promote(), await promote()]).toEqual(["failed", "copied", "retagged"]);
    expect(asked).toBe(2);
  });

  it("says when the trusted root is none", async () => {
    const world = signedWorld();
    await certifyBundle(world);
    const report = await world.promote(keyless({ loadTrustedRoot: async () => "<html>" }));
    expect(report.error).toMatchObject({ code: "InvalidConfiguration" });
    expect(report.error?.message).toContain("trusted root");
  });
});
