import { describe, expect, it } from "vitest";
import { cosignTags } from "../../job/oci/referrers-tag.ts";
import { bytesBlob } from "../emulator/blob.ts";
import { artifact, type TaggedFixture } from "../fixtures/attachments.ts";
import {
  describe as describeBlob,
  type ImageFixture,
  manifestOf,
  rootDigest,
} from "../fixtures/image-fixture.ts";
import { placeImage } from "../fixtures/place-image.ts";
import { multiPlatform } from "../fixtures/platforms.ts";
import {
  bundleType,
  type KeyPair,
  keyBundle,
  p256,
  payloadFor,
  pemOf,
  simpleLayer,
  simpleSigningType,
  statementFor,
} from "../gates/signing.ts";
import { Sigstore, somebody } from "../gates/sigstore.ts";
import { devHost, prodHost, type TwoAccounts, twoAccounts } from "./two-accounts.ts";

const app = `${prodHost}/team/app:1`;
const image = multiPlatform({ seed: 70 });
const key = p256();
const files = { "/keys/cosign.pub": pemOf(key), "/keys/other.pub": pemOf(p256()) };

/** A signature of cosign's first form. */
function simpleSignature(subject: ImageFixture, by: KeyPair): TaggedFixture {
  const { payload, annotations } = simpleLayer(by, payloadFor(rootDigest(subject)));
  const [config, layer] = [bytesBlob(Buffer.from("{}")), bytesBlob(Buffer.from(payload))];
  const manifest = manifestOf("application/vnd.oci.image.manifest.v1+json", {
    config: describeBlob("application/vnd.oci.image.config.v1+json", config),
    layers: [{ ...describeBlob(simpleSigningType, layer), annotations }],
  });
  const fixture = { descriptor: manifest.descriptor, manifests: [manifest], blobs: [config, layer] };
  return { tag: cosignTags(rootDigest(subject))[0] ?? "", fixture };
}

function bundle(subject: ImageFixture, content: object): ImageFixture {
  return artifact({
    artifactType: bundleType,
    content: JSON.stringify(content),
    subject: subject.descriptor,
  });
}

function sourceWith(world: TwoAccounts): ReturnType<TwoAccounts["dev"]> {
  const repository = world.dev("team/app");
  placeImage(repository, image, { tags: ["1"] });
  world.prod("team/app");
  return repository;
}

function putRequests({ emulator }: TwoAccounts): number {
  return emulator.requests.filter(({ method, path }) => /^(PUT|POST|PATCH)$/.test(method) && path !== "/")
    .length;
}

describe("a promotion that requires a signature", () => {
  it("promotes what the key has signed, with its signature", async () => {
    await using world = await twoAccounts();
    const { tag, fixture } = simpleSignature(image, key);
    placeImage(sourceWith(world), fixture, { tags: [tag] });
    const { code, report } = await world.promote(["--require-signature-key", "/keys/cosign.pub", app], {
      files,
    });
    expect(report.images).toMatchObject([
      {
        status: "copied",
        gates: [{ gate: "signature", passed: true, detail: expect.stringContaining("cosign.pub") }],
      },
    ]);
    expect(code).toBe(0);
    expect(world.prod("team/app").imageTags.get(tag)).toBe(rootDigest(fixture));
  });

  it("promotes a bundle's image when the environment names the key", async () => {
    await using world = await twoAccounts();
    placeImage(sourceWith(world), bundle(image, keyBundle(key, statementFor(rootDigest(image)))));
    const env = { PROMOTER_REQUIRE_SIGNATURE_KEY: files["/keys/cosign.pub"] };
    const { report } = await world.promote([app, "--referrers", "none"], { env });
    expect(report.images).toMatchObject([{ status: "copied", gates: [{ passed: true }] }]);
  });

  it("promotes what an identity of the configuration has signed", async () => {
    await using world = await twoAccounts();
    const sigstore = await Sigstore.open();
    placeImage(sourceWith(world), bundle(image, await sigstore.bundle(statementFor(rootDigest(image)))));
    const subjectPattern = "https://github.com/acme/*/.github/workflows/release.yml@refs/heads/main";
    const gates = {
      signature: { identities: [{ issuer: somebody.issuer, subjectPattern }], trustedRoot: "root.json" },
    };
    const all = {
      "/etc/promoter.yaml": JSON.stringify({ apiVersion: "image-promoter/v1", kind: "Promoter", gates }),
      "/etc/root.json": sigstore.trustedRoot,
    };
    const { report } = await world.promote(["--config", "/etc/promoter.yaml", app], { files: all });
    expect(report.images).toMatchObject([{ status: "copied", gates: [{ passed: true }] }]);
  });

  it.each(["promote", "plan"])(
    "refuses what another key has signed, and writes nothing: %s",
    async (command) => {
      await using world = await twoAccounts();
      const { tag, fixture } = simpleSignature(image, key);
      placeImage(sourceWith(world), fixture, { tags: [tag] });
      const args = [command, "-o", "json", "--require-signature-key", "/keys/other.pub", app];
      const { code, stdout } = await world.run(args, { files });
      expect(JSON.parse(stdout).images).toMatchObject([
        {
          status: "failed",
          gates: [{ gate: "signature", passed: false }],
          error: {
            code: "SignatureRequired",
            message: expect.stringMatching(/its signature was not accepted: 1\. none of the keys made it$/),
            hint: expect.stringContaining(`cosign tree ${devHost}/team/app@${rootDigest(image)}`),
          },
        },
      ]);
      expect(code).toBe(4);
      expect(putRequests(world)).toBe(0);
      expect(world.prod("team/app").imageTags.size).toBe(0);
    },
  );

  it("refuses what nobody has signed", async () => {
    await using world = await twoAccounts();
    sourceWith(world);
    const { code, stderr } = await world.run(
      ["promote", "--require-signature-key", "/keys/cosign.pub", app],
      { files },
    );
    expect(stderr).toContain("it has no signature");
    expect(code).toBe(4);
  });

  it("does not begin with a key that is none", async () => {
    await using world = await twoAccounts();
    sourceWith(world);
    const args = ["promote", "--require-signature-key", "/keys/none.pub", app];
    const { code, stderr } = await world.run(args, { files: { "/keys/none.pub": "ssh-ed25519 AAAA" } });
    expect(stderr).toContain("none.pub to verify signatures: it is no public key in PEM");
    expect(code).toBe(2);
    expect(world.emulator.requests).toEqual([]);
  });
});
