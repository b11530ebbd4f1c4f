import { type ImageFixture, image, manifestOf } from "../fixtures/image-fixture.ts";

/** An image whose layers claim to be had elsewhere too, and whose config claims to be in its descriptor, and lies. */
export function luringImage(elsewhere: URL): ImageFixture {
  const plain = image();
  const [root] = plain.manifests;
  const { config, layers } = JSON.parse(Buffer.from(root?.bytes ?? []).toString());
  const fixture = manifestOf(plain.descriptor.mediaType, {
    config: { ...config, data: Buffer.from("{}").toString("base64"), urls: [elsewhere.href] },
    layers: layers.map((layer: object) => ({ ...layer, urls: [elsewhere.href], data: "bGllcw==" })),
  });
  return { ...plain, descriptor: fixture.descriptor, manifests: [fixture] };
}
