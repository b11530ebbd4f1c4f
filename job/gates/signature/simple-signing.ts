import { type Descriptor, isObject } from "../../oci/descriptor.ts";
import { certifiedByAnnotations } from "./certificate-annotations.ts";
import { quoted, SignatureDefect } from "./defect.ts";
import type { SignedContent, SignedImage } from "./signed-content.ts";

/** The layer of a signature as cosign keeps it under the tag `sha256-<hex>.sig`. */
export const simpleSigningType = "application/vnd.dev.cosign.simplesigning.v1+json";

const signatureAnnotation = "dev.cosignproject.cosign/signature";
const payloadType = "cosign container image signature";

/**
 * Reads a signature of cosign's first form: the layer is what was signed, its annotations hold the signature. Which
 * name the payload gives the image (`docker-reference`) is not looked at: only the digest binds.
 * {@link https://github.com/sigstore/cosign/blob/v2.6.0/specs/SIGNATURE_SPEC.md}
 *
 * @throws {SignatureDefect} when it is malformed or of another image.
 */
export async function readSimpleSigning(
  layer: Descriptor,
  payload: Uint8Array,
  image: SignedImage,
): Promise<SignedContent> {
  const encoded = layer.annotations?.[signatureAnnotation];
  if (encoded === undefined) throw new SignatureDefect("it lacks the annotation with the signature");
  const signature = Buffer.from(encoded, "base64");
  if (signature.length === 0) throw new SignatureDefect("its signature is not base64");
  checkPayload(payload, image);
  const certified = await certifiedByAnnotations(layer.annotations ?? {}, payload, signature);
  return { form: "simple signing", data: payload, signature, ...(certified && { certified }) };
}

function checkPayload(payload: Uint8Array, { digest }: SignedImage): void {
  const { critical } = parseObject(payload);
  if (!isObject(critical) || !isObject(critical.image))
    throw new SignatureDefect("its payload names no image");
  if (critical.type !== payloadType)
    throw new SignatureDefect(`its payload is of type ${quoted(critical.type)}`);
  const named = critical.image["docker-manifest-digest"];
  if (named !== digest) throw new SignatureDefect(`it is a signature of ${quoted(named)}`);
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SignatureDefect("its payload is no JSON", { cause });
  }
  if (!isObject(document)) throw new SignatureDefect("its payload is no JSON object");
  return document;
}
