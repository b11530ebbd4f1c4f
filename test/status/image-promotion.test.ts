import { describe, expect, it } from "vitest";
import type { PromotionRecord, Standing } from "../../job/attestation/history.ts";
import { parseReference } from "../../job/oci/reference.ts";
import { lastPromotion } from "../../job/status/image-promotion.ts";

function record(destination: string, promotedAt: string, standing: Standing = "verified"): PromotionRecord {
  return {
    attestation: `sha256:${"a".repeat(64)}`,
    standing,
    promotion: {
      promotedAt,
      destination: { reference: destination },
      promoter: { version: "1", identity: { serviceAccount: "shop/promoter" } },
      gates: [],
    },
  };
}

const app = parseReference("prod.example/app:2");

describe("when an image was promoted", () => {
  it("is what the last statement about this very repository says", () => {
    const records = [
      record("prod.example/app:1", "2026-01-02T00:00:00Z"),
      record("prod.example/app:2", "2026-01-03T01:00:00+01:00", "unsigned"),
      record("staging.example/app:2", "2026-01-04T00:00:00Z"),
    ];
    expect(lastPromotion(records, app)).toEqual({
      at: "2026-01-03T00:00:00.000Z",
      standing: "unsigned",
      by: "shop/promoter",
    });
  });

  it("is nothing that is forged, or about what cannot be read", () => {
    expect(
      lastPromotion([record("prod.example/app:1", "2026-01-02T00:00:00Z", "forged")], app),
    ).toBeUndefined();
    expect(lastPromotion([record("PROD!", "2026-01-02T00:00:00Z")], app)).toBeUndefined();
    expect(
      lastPromotion([{ attestation: `sha256:${"a".repeat(64)}`, standing: "unsigned" }], app),
    ).toBeUndefined();
  });
});
