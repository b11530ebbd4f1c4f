import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { isUnknownPlatform } from "../oci/platform.ts";
import type { MemberPlatform } from "./platform.ts";

/** One entry of an index, with where it was found. */
export interface IndexMember {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of its manifest. */
  readonly size: number;
  readonly platform?: MemberPlatform;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Where its manifest is. */
  readonly host: string;
  readonly repository: string;
  /** The reference by which it was given, for messages. */
  readonly source: string;
}

/**
 * The annotations by which BuildKit ties an attestation to an image of the same index.
 * {@link https://docs.docker.com/build/metadata/attestations/attestation-storage/}
 */
export const attestationType = "vnd.docker.reference.type";
export const attestationSubject = "vnd.docker.reference.digest";

/** The digest of the image that the member speaks of; undefined for what is no attestation. */
export function subjectOf({ annotations }: Pick<Descriptor, "annotations">): string | undefined {
  return annotations?.[attestationType] === undefined ? undefined : annotations[attestationSubject];
}

/** True for what runs somewhere: no attestation, and nothing without a platform. */
export function isImage(member: Pick<IndexMember, "annotations" | "platform">): boolean {
  return (
    member.platform !== undefined && !isUnknownPlatform(member.platform) && subjectOf(member) === undefined
  );
}
