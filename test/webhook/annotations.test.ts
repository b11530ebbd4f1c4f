import { describe, expect, it } from "vitest";
import { treatmentIn } from "../../job/webhook/annotations.ts";

const policy = "image-promoter.dev/policy";

describe("what annotations say", () => {
  it("is read, and nothing else", () => {
    const annotations = {
      [policy]: "rewrite",
      "image-promoter.dev/pin": " true ",
      "image-promoter.dev/on-failure": "deny",
      "example.com/policy": "off",
    };
    expect(treatmentIn(annotations)).toEqual({ policy: "rewrite", pin: true, onFailure: "deny" });
    expect(treatmentIn({})).toEqual({});
    expect(treatmentIn({ "image-promoter.dev/pin": "false" })).toEqual({ pin: false });
  });

  it.each(["", "Wait", "verify", "constructor"])("is refused where it says %j", (word) => {
    expect(() => treatmentIn({ [policy]: word })).toThrow(
      expect.objectContaining({
        code: "InvalidInput",
        hint: "Write one of wait, background, verify-only, rewrite, off",
      }),
    );
  });
});
