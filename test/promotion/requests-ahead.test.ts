import { expect, it } from "vitest";
import { mediaTypes } from "../../job/oci/media-type.ts";
import { requestsAhead } from "../../job/promotion/requests-ahead.ts";
import { blobOf, bytesOf, manifestOf } from "../registry/open-test-registry.ts";

const blob = blobOf(bytesOf(10, 1));
const image = (layers: number) =>
  manifestOf({ mediaType: mediaTypes.ociManifest, config: blob, layers: Array(layers).fill(blob) });
const index = (members: number) =>
  manifestOf({ mediaType: mediaTypes.ociIndex, manifests: Array(members).fill(blob) }, mediaTypes.ociIndex);

it.each([
  ["an image of five layers", image(5), 6],
  ["an index of two platforms", index(2), 8],
  ["an index of many", index(30), 16],
  ["an image of many layers", image(30), 16],
  ["what is not known yet", undefined, 8],
])("%s brings so many requests", (_, manifest, expected) => {
  expect(requestsAhead(manifest)).toBe(expected);
});
