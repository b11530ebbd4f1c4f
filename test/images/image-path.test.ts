import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendStep, each, formatImagePath, parseImagePath } from "../../job/images/image-path.ts";
import { thrownBy } from "./thrown-by.ts";

describe("parseImagePath", () => {
  it.each([
    ["image", { steps: ["image"] }],
    ["spec.image", { steps: ["spec", "image"] }],
    [".spec.image", { steps: ["spec", "image"] }],
    ["$.spec.image", { steps: ["spec", "image"] }],
    ["spec.components[*].image", { steps: ["spec", "components", each, "image"] }],
    ["spec.parts[2][*]", { steps: ["spec", "parts", 2, each] }],
    ["Kafka:spec.kafka.image", { kind: "Kafka", steps: ["spec", "kafka", "image"] }],
    ["Kafka:$.spec.image", { kind: "Kafka", steps: ["spec", "image"] }],
    [`spec["a.b/c"].image`, { steps: ["spec", "a.b/c", "image"] }],
    [`["a"]['b"c']`, { steps: ["a", 'b"c'] }],
    ["spec.my-image_2", { steps: ["spec", "my-image_2"] }],
  ])("reads %s", (text, path) => expect(parseImagePath(text)).toEqual(path));

  it.each([
    ["", 0, "ends too early"],
    ["Kafka:", 6, "ends too early"],
    ["spec.", 4, 'cannot be read at "."'],
    ["spec..image", 4, 'cannot be read at "."'],
    ["spec image", 4, 'cannot be read at " "'],
    ["spec[-1]", 4, 'cannot be read at "["'],
    ["spec[0]image", 7, 'cannot be read at "i"'],
    ["kafka:spec", 5, 'cannot be read at ":"'],
    ['spec["]', 4, 'cannot be read at "["'],
  ])("refuses %j at %i", (text, at, what) => {
    expect(thrownBy(() => parseImagePath(text))).toMatchObject({
      code: "InvalidConfiguration",
      message: `The image path ${what}\n  ${text}\n  ${" ".repeat(at)}^`,
      hint: expect.stringContaining("Kafka:spec.parts[*].image"),
    });
  });

  it("reads back what it writes", () => {
    const name = fc.oneof(
      fc.stringMatching(/^[A-Za-z_$][\w$-]{0,8}$/),
      fc.stringMatching(/^[^'"]{1,8}$/),
      fc.stringMatching(/^[^']{1,8}$/),
    );
    const step = fc.oneof(name, fc.nat(999_999), fc.constant(each));
    const kind = fc.option(fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,8}$/), { nil: undefined });
    fc.assert(
      fc.property(kind, fc.array(step, { minLength: 1, maxLength: 6 }), (k, steps) => {
        const path = { ...(k !== undefined && { kind: k }), steps };
        expect(parseImagePath(formatImagePath(path))).toEqual(path);
      }),
    );
  });

  it("refuses or reads any text, and never throws anything else", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseImagePath(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "InvalidConfiguration" });
        }
      }),
    );
  });
});

it("appends steps as they are written", () => {
  expect(appendStep(appendStep(appendStep("", "spec"), "containers"), 0)).toBe("spec.containers[0]");
  expect(appendStep("data", "a.b")).toBe('data["a.b"]');
});
