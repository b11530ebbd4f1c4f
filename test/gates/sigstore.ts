import { createHash, sign, X509Certificate } from "node:crypto";
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { bundleType, envelopeOf, p256 } from "./signing.ts";

const issuerExtension = "1.3.6.1.4.1.57264.1.8";
const rekor = "https://rekor.example.com";

export interface CertifiedOptions {
  readonly subject?: string;
  readonly issuer?: string;
  /** What the log has: the signature itself, nothing, or an entry of something else. */
  readonly log?: "signed" | "none" | "promise-only" | "no-promise" | "other-signature";
  readonly timestamp?: boolean;
  /** Milliseconds from now at which the log has it. */
  readonly loggedIn?: number;
}

/** What is needed of a certified signature to write it in either form. */
interface Certified {
  readonly certificate: Buffer;
  readonly signature: Buffer;
  readonly entry: LogEntry | undefined;
  readonly timestamp: Buffer | undefined;
}

interface LogEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification?: {
    readonly signedEntryTimestamp?: string;
    readonly inclusionProof?: {
      readonly checkpoint: string;
      readonly hashes: readonly string[];
      readonly logIndex: number;
      readonly rootHash: string;
      readonly treeSize: number;
    };
  };
}

export const somebody = {
  subject: "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main",
  issuer: "https://token.actions.githubusercontent.com",
} as const;

/** A certificate authority, logs and a timestamp authority of our own, with the trusted root that names them. */
export class Sigstore {
  readonly #ca: Awaited<ReturnType<typeof initializeCA>>;
  readonly #tsa: Awaited<ReturnType<typeof initializeTSA>>;
  readonly #logKeys = p256();
  readonly trustedRoot: string;

  private constructor(
    ca: Awaited<ReturnType<typeof initializeCA>>,
    tsa: Awaited<ReturnType<typeof initializeTSA>>,
    ctLog: Awaited<ReturnType<typeof initializeCTLog>>,
  ) {
    this.#ca = ca;
    this.#tsa = tsa;
    this.trustedRoot = JSON.stringify(this.#root(ctLog));
  }

  static async open(): Promise<Sigstore> {
    const ctLog = await initializeCTLog(p256());
    return new Sigstore(await initializeCA(p256(), ctLog), await initializeTSA(p256()), ctLog);
  }

  /** Signs a payload in cosign's first form: the annotations of its layer. */
  async annotations(payload: string, options: CertifiedOptions = {}): Promise<Record<string, string>> {
    const data = Buffer.from(payload);
    const { certificate, signature, entry, timestamp } = await this.#certify(data, options, (cert, sig) => ({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(data).digest("hex") } },
        signature: { content: sig.toString("base64"), publicKey: { content: pemBase64(cert) } },
      },
    }));
    const pem = new X509Certificate(certificate).toString();
    return {
      "dev.cosignproject.cosign/signature": signature.toString("base64"),
      "dev.sigstore.cosign/certificate": pem,
      "dev.sigstore.cosign/chain": pem,
      ...(entry && { "dev.sigstore.cosign/bundle": rekorBundle(entry) }),
      ...(timestamp && {
        "dev.sigstore.cosign/rfc3161timestamp": JSON.stringify({
          SignedRFC3161Timestamp: timestamp.toString("base64"),
        }),
      }),
    };
  }

  /** Signs a statement in cosign's second form. */
  async bundle(payload: Buffer, options: CertifiedOptions = {}): Promise<object> {
    const keys = p256();
    const envelope = envelopeOf(payload, (data) => sign("sha256", data, keys.privateKey));
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? "", "base64");
    const certified = await this.#certifyWith(keys, signature, options, (cert, sig) => ({
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        envelopeHash: {
          algorithm: "sha256",
          value: createHash("sha256").update(JSON.stringify(envelope)).digest("hex"),
        },
        payloadHash: { algorithm: "sha256", value: createHash("sha256").update(payload).digest("hex") },
        signatures: [{ signature: sig.toString("base64"), verifier: pemBase64(cert) }],
      },
    }));
    return {
      mediaType: bundleType,
      verificationMaterial: {
        certificate: { rawBytes: certified.certificate.toString("base64") },
        tlogEntries: certified.entry === undefined ? [] : [transparencyEntry(certified.entry, options.log)],
        timestampVerificationData: {
          rfc3161Timestamps: certified.timestamp
            ? [{ signedTimestamp: certified.timestamp.toString("base64") }]
            : [],
        },
      },
      dsseEnvelope: envelope,
    };
  }

  #certify(data: Buffer, options: CertifiedOptions, propose: Propose): Promise<Certified> {
    const keys = p256();
    return this.#certifyWith(keys, sign("sha256", data, keys.privateKey), options, propose);
  }

  async #certifyWith(
    keys: ReturnType<typeof p256>,
    signature: Buffer,
    options: CertifiedOptions,
    propose: Propose,
  ): Promise<Certified> {
    const { subject = somebody.subject, issuer = somebody.issuer, log = "signed" } = options;
    const certificate = bufferOf(
      await this.#ca.issueCertificate({
        publicKey: keys.publicKey.export({ format: "der", type: "spki" }),
        subjectAltName: subject,
        extensions: [{ oid: issuerExtension, value: issuer }],
      }),
    );
    const logged = log === "other-signature" ? Buffer.from("another signature") : signature;
    const entry =
      log === "none" ? undefined : await this.#log(propose(certificate, logged), options.loggedIn ?? 0);
    const timestamp = options.timestamp ? await this.#timestamp(signature) : undefined;
    return { certificate, signature, entry, timestamp };
  }

  async #log(proposed: object, loggedIn: number): Promise<LogEntry> {
    const log = await initializeTLog(rekor, this.#logKeys, new Date(Date.now() + loggedIn));
    const [entry] = Object.values(await log.log(proposed)) as unknown as LogEntry[];
    if (entry === undefined) throw new Error("the log has nothing");
    return entry;
  }

  async #timestamp(signature: Buffer): Promise<Buffer> {
    const artifactHash = createHash("sha256").update(signature).digest();
    const request = {
      hashAlgorithmOID: "2.16.840.1.101.3.4.2.1",
      nonce: 1,
      policyOID: "1.3.6.1.4.1.57264.2",
    };
    return bufferOf(await this.#tsa.timestamp({ ...request, artifactHash, certReq: true }));
  }

  #root(ctLog: Awaited<ReturnType<typeof initializeCTLog>>): unknown {
    const logKey = this.#logKeys.publicKey.export({ format: "der", type: "spki" });
    const always = { start: new Date(0), end: undefined };
    const authority = (uri: string, certificates: readonly ArrayBufferView<ArrayBuffer>[]) => ({
      subject: undefined,
      uri,
      certChain: { certificates: certificates.map((rawBytes) => ({ rawBytes: bufferOf(rawBytes) })) },
      validFor: always,
      operator: "",
    });
    const log = (baseUrl: string, rawBytes: Buffer) => ({
      baseUrl,
      hashAlgorithm: 1,
      publicKey: { rawBytes, keyDetails: 5, validFor: always },
      logId: { keyId: createHash("sha256").update(rawBytes).digest() },
      checkpointKeyId: undefined,
      operator: "",
    });
    return TrustedRoot.toJSON({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      certificateAuthorities: [authority("https://fulcio.example.com", [this.#ca.rootCertificate])],
      timestampAuthorities: [
        authority("https://tsa.example.com", [this.#tsa.intCertificate, this.#tsa.rootCertificate]),
      ],
      tlogs: [log(rekor, logKey)],
      ctlogs: [log("https://ctfe.example.com", ctLog.publicKey)],
    });
  }
}

type Propose = (certificate: Buffer, signature: Buffer) => object;

function transparencyEntry(entry: LogEntry, log: CertifiedOptions["log"]): object {
  const { kind, apiVersion } = JSON.parse(Buffer.from(entry.body, "base64").toString()) as Record<
    string,
    string
  >;
  const proof = entry.verification?.inclusionProof;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, "hex").toString("base64") },
    kindVersion: { kind, version: apiVersion },
    integratedTime: String(entry.integratedTime),
    ...(log !== "no-promise" && {
      inclusionPromise: { signedEntryTimestamp: entry.verification?.signedEntryTimestamp },
    }),
    ...(log !== "promise-only" && {
      inclusionProof: {
        logIndex: String(proof?.logIndex),
        rootHash: Buffer.from(proof?.rootHash ?? "", "hex").toString("base64"),
        treeSize: String(proof?.treeSize),
        hashes: proof?.hashes,
        checkpoint: { envelope: proof?.checkpoint },
      },
    }),
    canonicalizedBody: entry.body,
  };
}

function rekorBundle({ body, integratedTime, logID, logIndex, verification }: LogEntry): string {
  return JSON.stringify({
    SignedEntryTimestamp: verification?.signedEntryTimestamp,
    Payload: { body, integratedTime, logIndex, logID },
  });
}

function pemBase64(certificate: Buffer): string {
  return Buffer.from(new X509Certificate(certificate).toString()).toString("base64");
}

function bufferOf(view: ArrayBufferView): Buffer {
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength);
}
