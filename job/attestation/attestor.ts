import type { Clock } from "../async/clock.ts";
import { PromoterError } from "../error.ts";
import type { ContentWriter, Waiting } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { formatReference } from "../oci/reference.ts";
import type { Attestable, AttestOptions, Attestor } from "../promotion/attestor.ts";
import type { Application } from "./application.ts";
import { type Artifact, attestationArtifact, type Blob } from "./artifact.ts";
import { preAuthEncoding } from "./dsse.ts";
import { bundleMediaType, formatBundle, inTotoMediaType } from "./envelope.ts";
import type { PromoterIdentity } from "./identity.ts";
import { type FoundAttestation, mayBePromotion, readAttestation } from "./read-attestation.ts";
import { keyHint, type SigningKey } from "./signing-key.ts";
import { isSamePromotion, type PromotionStatement, promotionStatement } from "./statement.ts";
import { isSignedByAny } from "./verify-envelope.ts";

export interface AttestorOptions {
  readonly clock: Clock;
  /** Of this program. */
  readonly version: string;
  /** Who writes to a registry. */
  readonly identityAt: (host: string) => Promise<PromoterIdentity>;
  readonly application?: Application;
  /** Statements are not signed without one. */
  readonly key?: SigningKey;
}

/**
 * Milliseconds within which the same promotion is taken for the repetition of one that was interrupted before its tag
 * was put, and is not stated again. Later it is an event of its own.
 */
const sameRunMs = 60 * 60 * 1000;

/** Attaches an in-toto statement to each promoted image, as a referrer that cosign and ORAS find, too. */
export function attestor(options: AttestorOptions): Attestor {
  return {
    async attest(promotion, asking) {
      const statement = await state(promotion, options);
      const standing = await findStanding(promotion, statement, options, asking);
      if (standing !== undefined) return standing;
      const artifact = await wrap(statement, promotion.root, options, asking);
      await push(artifact, promotion, asking);
      return artifact.manifest.descriptor.digest;
    },
  };
}

async function state(
  { root, claim, to }: Attestable,
  { clock, version, identityAt, application }: AttestorOptions,
): Promise<PromotionStatement> {
  const { source, destination, previousDigest, gates } = claim;
  return promotionStatement(`${to.host}/${to.repository}`, root.digest, {
    promotedAt: new Date(clock.now()).toISOString(),
    ...(source && { source: { reference: formatReference(source), digest: root.digest } }),
    destination: {
      reference: formatReference(destination),
      ...(previousDigest !== undefined && { previousDigest }),
    },
    promoter: { version, identity: await identityAt(to.host) },
    ...(application && { application }),
    gates: gates.map(({ gate, passed, detail }) => ({ gate, passed, detail })),
  });
}

/** What an interrupted run left behind. Where we sign, only our own signature counts: nobody else can silence us. */
async function findStanding(
  { root, to }: Attestable,
  statement: PromotionStatement,
  { key, clock }: AttestorOptions,
  { ask, ...waiting }: AttestOptions,
): Promise<Digest | undefined> {
  const publicKey = await key?.publicKey(waiting);
  const since = clock.now() - sameRunMs;
  const listed = await ask((asking) => recent(to, root.digest, since, asking));
  for (const referrer of listed) {
    const found = await ask((asking) => readAttestation(to, referrer, asking));
    if (found?.statement === undefined || !isSamePromotion(found.statement, statement)) continue;
    if (publicKey === undefined ? found.envelope === undefined : isOurs(found, publicKey))
      return found.digest;
  }
  return undefined;
}

function isOurs({ envelope }: FoundAttestation, publicKey: Parameters<typeof keyHint>[0]): boolean {
  return envelope !== undefined && isSignedByAny(envelope, [publicKey]);
}

/** Statements of promotions whose list says that they were made since then, in milliseconds since the epoch. */
async function recent(
  to: ContentWriter,
  subject: Digest,
  since: number,
  waiting: Waiting,
): Promise<Descriptor[]> {
  const found: Descriptor[] = [];
  for await (const referrer of to.referrers(subject, waiting)) {
    const created = Date.parse(referrer.annotations?.["org.opencontainers.image.created"] ?? "");
    if (mayBePromotion(referrer) && created >= since) found.push(referrer);
  }
  return found;
}

async function wrap(
  statement: PromotionStatement,
  subject: Descriptor,
  { key }: AttestorOptions,
  waiting: Waiting,
): Promise<Artifact> {
  const { promotedAt } = statement.predicate;
  const payload = Buffer.from(JSON.stringify(statement));
  if (key === undefined) {
    const content = { bytes: payload, mediaType: inTotoMediaType, signed: false };
    return attestationArtifact(content, subject, promotedAt);
  }
  const signature = await key.sign(preAuthEncoding(inTotoMediaType, payload), waiting);
  const hint = keyHint(await key.publicKey(waiting));
  const bytes = formatBundle(payload, signature, hint);
  return attestationArtifact({ bytes, mediaType: bundleMediaType, signed: true }, subject, promotedAt);
}

async function push(
  { config, layer, manifest, referrer }: Artifact,
  { to, root }: Attestable,
  { ask }: AttestOptions,
): Promise<void> {
  const isConfigThere = await ask((waiting) => to.hasBlob(config.descriptor, waiting));
  if (!isConfigThere) await pushBlob(to, config, ask);
  await pushBlob(to, layer, ask);
  const { digest } = manifest.descriptor;
  await ask((waiting) => to.pushManifest(manifest, digest, waiting));
  await ask((waiting) => to.linkReferrers(root.digest, [referrer], waiting));
}

function pushBlob(to: ContentWriter, { descriptor, bytes }: Blob, ask: AttestOptions["ask"]) {
  const open = async () =>
    (async function* () {
      yield bytes;
    })();
  return ask((waiting) => to.pushBlob(descriptor, open, waiting));
}

/**
 * @throws {PromoterError} `Usage` when statements are wanted that the next environment would not get to see: without
 * referrers there is no chain.
 */
export function checkAttesting(referrers: "all" | "none" | "required"): void {
  if (referrers !== "none") return;
  throw new PromoterError("Usage", "Cannot attest promotions and leave what is attached to images behind", {
    hint: "Promote with --referrers all or required, or without --attest (attestation.enabled)",
  });
}
