import { describe, expect, it } from "vitest";
import { syncedApplication } from "../../job/attestation/application.ts";
import { promoterIdentity } from "../../job/attestation/identity.ts";
import {
  isAbout,
  isSamePromotion,
  type Promotion,
  predicateType,
  promotionStatement,
  readStatement,
  statementType,
} from "../../job/attestation/statement.ts";

const digest = `sha256:${"a".repeat(64)}` as const;
const full: Promotion = {
  promotedAt: "2026-11-21T12:00:00.000Z",
  source: { reference: "dev.test/app:1", digest },
  destination: { reference: "prod.test/app:1", previousDigest: `sha256:${"b".repeat(64)}` },
  promoter: { version: "1.2.3", identity: { name: "release", serviceAccount: "apps/promoter" } },
  application: {
    name: "shop",
    namespace: "argocd",
    project: "default",
    revision: "4f2a",
    repository: "https://git.test/shop",
  },
  gates: [{ gate: "signature", passed: true, detail: "signed by cosign.pub" }],
};
const least: Promotion = {
  promotedAt: "2026-11-21T12:00:00.000Z",
  destination: { reference: "prod.test/app:1" },
  promoter: { version: "1.2.3", identity: {} },
  gates: [],
};

describe("a statement", () => {
  it.each([
    ["with everything", full],
    ["with what each has", least],
  ])("%s is read as it was made", (_what, promotion) => {
    const statement = promotionStatement("prod.test/app", digest, promotion);
    expect(statement).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: "prod.test/app", digest: { sha256: "a".repeat(64) } }],
      predicateType: "urn:argocd-image-promoter:promotion:v1",
    });
    expect(readStatement(bytes(statement))).toEqual(statement);
  });

  it("is about the image of its digest alone", () => {
    const statement = promotionStatement("prod.test/app", digest, least);
    expect(isAbout(statement, digest)).toBe(true);
    expect(isAbout(statement, `sha256:${"c".repeat(64)}`)).toBe(false);
    const long = `sha512:${"d".repeat(128)}` as const;
    expect(isAbout(promotionStatement("x", long, least), long)).toBe(true);
    expect(isAbout(promotionStatement("x", long, least), digest)).toBe(false);
  });

  const changed: readonly [what: string, promotion: Promotion, same: boolean][] = [
    ["time", { ...full, promotedAt: "2027-01-01T00:00:00.000Z" }, true],
    ["source", { ...full, source: { reference: "staging.test/app:1", digest } }, false],
    ["destination", { ...full, destination: { reference: "prod.test/app:2" } }, false],
    ["previous digest", { ...full, destination: { reference: "prod.test/app:1" } }, false],
    ["promoter", { ...full, promoter: { version: "1.2.4", identity: {} } }, false],
    ["revision", { ...full, application: { name: "shop", revision: "0000" } }, false],
    ["gates", { ...full, gates: [] }, false],
  ];
  it.each(changed)("of another %s is, or is not, of the same promotion", (_what, promotion, same) => {
    const one = promotionStatement("prod.test/app", digest, full);
    expect(isSamePromotion(one, promotionStatement("prod.test/app", digest, promotion))).toBe(same);
  });

  it.each([
    ["nothing", "", undefined],
    ["no JSON", "{", undefined],
    ["null", "null", undefined],
    ["another type", JSON.stringify({ _type: "x", predicateType }), undefined],
    [
      "another predicate",
      JSON.stringify({ _type: statementType, predicateType: "https://slsa.dev/provenance/v1" }),
      "other",
    ],
    ["no predicate", JSON.stringify({ _type: statementType, predicateType, subject: [] }), undefined],
    ["no subject", json({ subject: undefined }), undefined],
    ["no time", json({ predicate: { ...least, promotedAt: undefined } }), undefined],
    ["a time that is none", json({ predicate: { ...least, promotedAt: "yesterday" } }), undefined],
    ["no destination", json({ predicate: { ...least, destination: {} } }), undefined],
  ])("is not read out of %s", (_what, text, expected) => {
    expect(readStatement(Buffer.from(text))).toBe(expected);
  });

  it("loses what is of another form, and no more", () => {
    const odd = {
      ...full,
      source: { reference: 1, digest },
      promoter: "me",
      application: { revision: "4f2a" },
      gates: [1, { gate: "scan", passed: "yes", detail: 2 }],
    };
    const read = readStatement(
      Buffer.from(json({ subject: [null, { digest: { sha256: 1 } }], predicate: odd })),
    );
    expect(read).toEqual({
      _type: statementType,
      subject: [{ name: "", digest: {} }],
      predicateType,
      predicate: {
        promotedAt: full.promotedAt,
        destination: full.destination,
        promoter: { version: "", identity: {} },
        gates: [{ gate: "scan", passed: false, detail: "" }],
      },
    });
  });
});

describe("the application", () => {
  it.each([
    [{}, undefined],
    [{ ARGOCD_APP_REVISION: "4f2a" }, undefined],
    [{ ARGOCD_APP_NAME: "shop" }, { name: "shop" }],
    [
      {
        ARGOCD_APP_NAME: "shop",
        ARGOCD_APP_NAMESPACE: "argocd",
        ARGOCD_APP_PROJECT_NAME: "default",
        ARGOCD_APP_REVISION: "4f2a",
        ARGOCD_APP_SOURCE_REPO_URL: "https://user:secret@git.test/shop.git",
      },
      {
        name: "shop",
        namespace: "argocd",
        project: "default",
        revision: "4f2a",
        repository: "https://git.test/shop.git",
      },
    ],
    [
      {
        ARGOCD_APP_NAME: "shop",
        ARGOCD_APP_SOURCE_REPO_URL: "git@git.test:shop.git",
        ARGOCD_APP_REVISION: "",
      },
      { name: "shop", repository: "git@git.test:shop.git" },
    ],
  ])("of %o", (env, expected) => expect(syncedApplication(env)).toEqual(expected));
});

describe("who promotes", () => {
  const token = (subject: unknown) =>
    `x.${Buffer.from(JSON.stringify({ sub: subject })).toString("base64url")}.x`;
  const mounted = "/var/run/secrets/kubernetes.io/serviceaccount/token";
  it.each([
    ["nobody that is known", {}, {}, {}, {}],
    ["the configured text", {}, { name: "release" }, {}, { name: "release" }],
    [
      "the role of the registry before the process's",
      { AWS_ROLE_ARN: "b" },
      { roleArn: "a" },
      {},
      { roleArn: "a" },
    ],
    ["the process's role", { AWS_ROLE_ARN: "b" }, {}, {}, { roleArn: "b" }],
    [
      "the ServiceAccount of the pod",
      { KUBERNETES_SERVICE_HOST: "x", HOSTNAME: "pod-1" },
      {},
      { [mounted]: token("system:serviceaccount:apps:promoter") },
      { serviceAccount: "apps/promoter" },
    ],
    [
      "the ServiceAccount of the web identity",
      { AWS_WEB_IDENTITY_TOKEN_FILE: "/t" },
      {},
      { "/t": token("system:serviceaccount:apps:promoter") },
      { serviceAccount: "apps/promoter" },
    ],
    [
      "no ServiceAccount outside a pod",
      {},
      {},
      { [mounted]: token("system:serviceaccount:apps:promoter") },
      {},
    ],
    [
      "no ServiceAccount of a token of another form",
      { AWS_WEB_IDENTITY_TOKEN_FILE: "/t" },
      {},
      { "/t": token("repo:x/y") },
      {},
    ],
    [
      "no ServiceAccount of what is no token",
      { AWS_WEB_IDENTITY_TOKEN_FILE: "/t" },
      {},
      { "/t": "secret" },
      {},
    ],
    [
      "no ServiceAccount of a claim that is no text",
      { AWS_WEB_IDENTITY_TOKEN_FILE: "/t" },
      {},
      { "/t": token(1) },
      {},
    ],
  ] as const)("is %s", async (_who, env, known, files: Record<string, string>, expected) => {
    const readFile = async (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error("ENOENT");
      return text;
    };
    expect(await promoterIdentity({ env, readFile }, known)).toEqual(expected);
  });
});

function json(changes: object): string {
  return JSON.stringify({ ...promotionStatement("prod.test/app", digest, least), ...changes });
}

function bytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
