import type { SignatureGateOptions } from "../../job/gates/signature/policy.ts";
import { signatureGate } from "../../job/gates/signature.ts";
import type { Manifest } from "../../job/oci/manifest.ts";
import type { PromotionContext } from "../../job/promotion/context.ts";
import type { ImageReport } from "../../job/promotion/report.ts";
import { image, index } from "../promotion/memory-image.ts";
import type { MemoryRegistry, MemoryRepository } from "../promotion/memory-registry.ts";
import { world } from "../promotion/world.ts";
import { type KeyPair, p256, pemOf } from "./signing.ts";

/** An index of two images at the source, a key whose signature suffices, and one whose does not. */
export interface SignedWorld {
  readonly dev: MemoryRegistry;
  readonly prod: MemoryRegistry;
  readonly repository: MemoryRepository;
  readonly index: Manifest;
  readonly child: Manifest;
  readonly key: KeyPair;
  readonly other: KeyPair;
  /** Promotes the index with the gate before it. Default: the key suffices. */
  promote(
    options?: SignatureGateOptions,
    changes?: Partial<PromotionContext>,
    name?: string,
  ): Promise<ImageReport>;
}

export function signedWorld(): SignedWorld {
  const { dev, prod, promoteOne } = world();
  const repository = dev.repository("team/app");
  const child = image(repository, { layers: ["amd64"] });
  const other = image(repository, { layers: ["arm64"], architecture: "arm64" });
  const root = index(repository, [child, other], "1.0");
  const key = p256();
  return {
    dev,
    prod,
    repository,
    index: root,
    child,
    key,
    other: p256(),
    promote(
      options = { keys: [{ name: "cosign.pub", pem: pemOf(key) }] },
      changes = {},
      name = "prod.test/team/app:1.0",
    ) {
      return promoteOne(name, { gates: [signatureGate(options)], ...changes });
    },
  };
}

/** What the report says of the signature gate. */
export function detailOf(report: ImageReport): string {
  return report.gates?.[0]?.detail ?? `no gate: ${report.error?.message}`;
}
