import { describe, expect, it } from "vitest";
import { parseReference } from "../../job/oci/reference.ts";
import { type AdmissionRules, type ImagePlace, treatmentOf } from "../../job/webhook/rules.ts";

const rules: AdmissionRules = {
  policy: "wait",
  pin: false,
  onFailure: "allow",
  annotations: "all",
  rules: [
    { name: "locked", namespaces: ["bank"], policy: "verify-only", onFailure: "deny", final: true },
    { name: "team", namespaces: ["pay-*"], images: ["prod.example.com/pay/*"], policy: "background" },
    { name: "beta", selector: { matchLabels: { stage: "beta" } }, policy: "rewrite", pin: true },
    { name: "pay", namespaces: ["pay-*"], policy: "off" },
  ],
};

const place = (given: Partial<Omit<ImagePlace, "image">> & { readonly image?: string } = {}): ImagePlace => ({
  namespace: "shop",
  labels: {},
  annotated: {},
  ...given,
  image: parseReference(given.image ?? "prod.example.com/shop/app:1"),
});

describe("how an image is treated", () => {
  it.each([
    [place(), { policy: "wait", pin: false, onFailure: "allow" }],
    [place({ namespace: "bank" }), { policy: "verify-only", pin: false, onFailure: "deny" }],
    [place({ namespace: "pay-a", image: "prod.example.com/pay/x:1" }), { policy: "background" }],
    [place({ namespace: "pay-a" }), { policy: "off" }],
    [place({ namespace: "pay-a", labels: { stage: "beta" } }), { policy: "rewrite", pin: true }],
    [place({ namespace: "banks" }), { policy: "wait" }],
    [place({ annotated: { policy: "verify-only" } }), { policy: "verify-only", onFailure: "allow" }],
    [place({ namespace: "pay-a", annotated: { onFailure: "deny" } }), { policy: "off", onFailure: "deny" }],
    [
      place({ namespace: "bank", annotated: { policy: "off", onFailure: "allow" } }),
      { policy: "verify-only", onFailure: "deny" },
    ],
  ])("%j: %j", (given, expected) => {
    expect(treatmentOf(given, rules)).toMatchObject(expected);
  });
});
