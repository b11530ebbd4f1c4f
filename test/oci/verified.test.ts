import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../job/oci/digest.ts";
import { verified } from "../../job/oci/verified.ts";

const descriptorOf = (bytes: Uint8Array, like: "sha256" | "sha512" = "sha256") => ({
  mediaType: "application/octet-stream",
  digest: digestOf(bytes, like),
  size: bytes.length,
});

async function* chunked(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect(stream: AsyncIterable<Uint8Array>, into: Uint8Array[] = []): Promise<Buffer> {
  for await (const chunk of stream) into.push(chunk);
  return Buffer.concat(into);
}

describe("verified", () => {
  it("passes right bytes through, however they are cut", async () => {
    const content = fc.tuple(
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom("sha256", "sha512"),
    );
    await fc.assert(
      fc.asyncProperty(content, async ([bytes, size, like]) => {
        const through = await collect(verified(chunked(bytes, size), descriptorOf(bytes, like as "sha256")));
        expect(through.equals(bytes)).toBe(true);
      }),
    );
  });

  const bytes = Buffer.from("the right bytes");
  it.each([
    { why: "flipped", sent: Buffer.from("the wrong bytes"), code: "DigestMismatch" },
    { why: "missing", sent: bytes.subarray(0, 10), code: "SizeMismatch" },
    { why: "too many", sent: Buffer.concat([bytes, bytes]), code: "SizeMismatch" },
    { why: "none", sent: Buffer.alloc(0), code: "SizeMismatch" },
  ])("never lets the last chunk out when bytes are $why", async ({ sent, code }) => {
    const out: Uint8Array[] = [];
    const failure = collect(verified(chunked(sent, 4), descriptorOf(bytes)), out);
    await expect(failure).rejects.toMatchObject({ code });
    expect(Buffer.concat(out).length).toBeLessThan(bytes.length);
  });

  it("stops reading a stream that is too long", async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 1;
        yield bytes;
      }
    }
    await expect(collect(verified(endless(), descriptorOf(bytes)))).rejects.toMatchObject({
      code: "SizeMismatch",
    });
    expect(read).toBe(2);
  });
});
