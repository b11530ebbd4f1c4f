import { describe, expect, it } from "vitest";
import { openSecretbox } from "../../job/attestation/secretbox.ts";

/** The example of "Cryptography in NaCl" (https://cr.yp.to/highspeed/naclcrypto-20090310.pdf), sections 8 to 10. */
const key = hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");
const nonce = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
const message = hex(
  "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129" +
    "6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde" +
    "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705",
);
const box = hex(
  "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a" +
    "c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae" +
    "90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74" +
    "e355a5",
);

describe("a secretbox", () => {
  it("opens as NaCl's own", () => {
    expect(Buffer.from(openSecretbox(box, nonce, key) ?? [])).toEqual(message);
  });

  it.each([0, 15, 16, 80, box.length - 1])("does not open when byte %i is another", (at) => {
    const altered = Uint8Array.from(box);
    altered[at] = (altered[at] ?? 0) ^ 1;
    expect(openSecretbox(altered, nonce, key)).toBeUndefined();
  });

  it.each([
    ["another key", box, nonce, key.toReversed()],
    ["another nonce", box, nonce.toReversed(), key],
    ["a key that is too short", box, nonce, key.subarray(1)],
    ["a nonce that is too short", box, nonce.subarray(1), key],
    ["a box without a tag", box.subarray(0, 15), nonce, key],
    ["a box that was cut", box.subarray(0, -1), nonce, key],
  ])("does not open with %s", (_what, cut, with_, secret) => {
    expect(openSecretbox(cut, with_, secret)).toBeUndefined();
  });
});

function hex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}
