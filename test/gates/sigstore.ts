import { createHash, sign, X509Certificate } from "node:crypto";
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from "@sigstore/mock";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { bundleType, envelopeOf, type KeyPair, p256 } from "./signing.ts";

const issuerExtension = "1.3.6.1.4.1.57264.1.8";
/** The extension in DER, all of whose bytes are ASCII: a sequence of the one use `serverAuth`. */
const serverUse = "\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
const rekor = "https://rekor.example.com";

export interface CertifiedOptions {
  readonly subject?: string;
  readonly issuer?: string;
  /** What the log has: the signature itself, nothing, or an entry of something else. */
  readonly log?: "signed" | "none" | "promise-only" | "no-promise" | "other-signature" | "other-certificate";
  readonly timestamp?: boolean;
  /** What the certificate is for. Default signing code; `servers` says that beside it. */
  readonly uses?: "code" | "servers";
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
    // Whole seconds: the mock writes fractions of less than three digits, which the library does not read. A minute
    // between the two: all certificates are there, and none has expired, however long a test takes.
    const issuedAt = new Date(Math.floor(Date.now() / 1000) * 1000);
    const stampedAt = new Date(issuedAt.getTime() + 60_000);
    const ctLog = await initializeCTLog(p256());
    const ca = await initializeCA(p256(), ctLog, issuedAt);
    return new Sigstore(ca, await initializeTSA(p256(), stampedAt), ctLog);
  }

  /** Signs a payload in cosign's first form: the annotations of its layer. */
  async annotations(payload: string, options: CertifiedOptions = {}): Promise<Record<string, string>> {
    const data = Buffer.from(payload);
    const { certificate, signature, entry, timestamp } = await this.#certify(data, options);
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
      verificationMaterial: verificationMaterial(certified, options),
      dsseEnvelope: envelope,
    };
  }

  /** Signs a manifest itself in cosign's second form. */
  async messageBundle(manifest: Uint8Array, options: CertifiedOptions = {}): Promise<object> {
    const { signature, ...certified } = await this.#certify(Buffer.from(manifest), options);
    const digest = createHash("sha256").update(manifest).digest("base64");
    return {
      mediaType: bundleType,
      verificationMaterial: verificationMaterial(certified, options),
      messageSignature: {
        messageDigest: { algorithm: "SHA2_256", digest },
        signature: signature.toString("base64"),
      },
    };
  }

  #certify(data: Buffer, options: CertifiedOptions): Promise<Certified> {
    const keys = p256();
    return this.#certifyWith(keys, sign("sha256", data, keys.privateKey), options, (cert, sig) => ({
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: "sha256", value: createHash("sha256").update(data).digest("hex") } },
        signature: { content: sig.toString("base64"), publicKey: { content: pemBase64(cert) } },
      },
    }));
  }

  async #certifyWith(
    keys: KeyPair,
    signature: Buffer,
    options: CertifiedOptions,
    propose: Propose,
  ): Promise<Certified> {
    const { log = "signed" } = options;
    const certificate = await this.#certificate(keys, options);
    const named = log === "other-certificate" ? await this.#certificate(p256(), options) : certificate;
    const logged = log === "other-signature" ? Buffer.from("another signature") : signature;
    const entry = log === "none" ? undefined : await this.#log(propose(named, logged), options.loggedIn ?? 0);
    const timestamp = options.timestamp ? await this.#timestamp(signature) : undefined;
    return { certificate, signature, entry, timestamp };
  }

  async #certificate(keys: KeyPair, options: CertifiedOptions): Promise<Buffer> {
    const { subject = somebody.subject, issuer = somebody.issuer, uses = "code" } = options;
    return bufferOf(
      await this.#ca.issueCertificate({
        publicKey: keys.publicKey.export({ format: "der", type: "spki" }),
        subjectAltName: subject,
        extensions: [
          { oid: issuerExtension, value: issuer },
          ...(uses === "servers" ? [{ oid: "2.5.29.37", value: serverUse, legacy: true }] : []),
        ],
      }),
    );
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

function verificationMaterial(
  { certificate, entry, timestamp }: Omit<Certified, "signature">,
  { log }: CertifiedOptions,
): object {
  return {
    certificate: { rawBytes: certificate.toString("base64") },
    tlogEntries: entry === undefined ? [] : [transparencyEntry(entry, log)],
    timestampVerificationData: {
      rfc3161Timestamps: timestamp ? [{ signedTimestamp: timestamp.toString("base64") }] : [],
    },
  };
}

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
