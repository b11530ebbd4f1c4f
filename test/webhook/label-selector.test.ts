import { describe, expect, it } from "vitest";
import { type LabelSelector, selects } from "../../job/webhook/label-selector.ts";

const labels = { team: "payments", tier: "front" };

describe("a label selector", () => {
  it.each<[selector: LabelSelector, selected: boolean]>([
    [{}, true],
    [{ matchLabels: { team: "payments" } }, true],
    [{ matchLabels: { team: "payments", tier: "back" } }, false],
    [{ matchLabels: { stage: "beta" } }, false],
    [{ matchExpressions: [{ key: "team", operator: "In", values: ["search", "payments"] }] }, true],
    [{ matchExpressions: [{ key: "team", operator: "In", values: ["search"] }] }, false],
    [{ matchExpressions: [{ key: "stage", operator: "In", values: ["beta"] }] }, false],
    [{ matchExpressions: [{ key: "team", operator: "NotIn", values: ["payments"] }] }, false],
    [{ matchExpressions: [{ key: "stage", operator: "NotIn", values: ["beta"] }] }, true],
    [{ matchExpressions: [{ key: "team", operator: "Exists" }] }, true],
    [{ matchExpressions: [{ key: "stage", operator: "Exists" }] }, false],
    [{ matchExpressions: [{ key: "stage", operator: "DoesNotExist" }] }, true],
    [{ matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }, false],
    [
      { matchLabels: { team: "payments" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] },
      false,
    ],
    [{ matchExpressions: [{ key: "constructor", operator: "Exists" }] }, false],
  ])("%j says %s", (selector, selected) => {
    expect(selects(selector, labels)).toBe(selected);
  });
});
