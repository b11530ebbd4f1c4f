import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../job/config/load.ts";
import { webhookRulesOf } from "../../job/config/webhook-rules.ts";

const head = "apiVersion: image-promoter/v1\nkind: Promoter\n";
const load = (webhook: string) => loadConfiguration(`${head}webhook:\n${webhook}`, "promoter.yaml");

describe("the section webhook", () => {
  it("is read, with its defaults", () => {
    const rules = webhookRulesOf(
      load(`  policy: wait
  excludeNamespaces: [monitoring, kube-*]
  rules:
    - name: pay
      namespaces: [pay-*]
      selector:
        matchLabels: { app.kubernetes.io/part-of: pay, empty: "" }
        matchExpressions:
          - { key: stage, operator: In, values: [beta] }
          - { key: old, operator: DoesNotExist }
      images: [prod.example.com/pay/*, "[::1]:5000/*", "*"]
      policy: rewrite
      pin: true
      onFailure: deny
      final: true
`),
    );
    expect(rules).toMatchObject({
      pin: false,
      annotations: "all",
      excludeNamespaces: ["monitoring", "kube-*"],
    });
    expect(rules.rules).toMatchObject([{ name: "pay", policy: "rewrite", pin: true, final: true }]);
    expect(webhookRulesOf(undefined)).toEqual({
      rules: [],
      pin: false,
      annotations: "all",
      excludeNamespaces: [],
    });
  });

  it.each([
    ["  policy: perhaps", /policy/],
    ["  polcy: wait", /polcy/],
    ["  deadline: soon", /it is no duration/],
    ["  annotations: pods", /annotations/],
    ["  rules: [{ name: a }]", /policy/],
    ["  rules: [{ policy: wait }]", /name/],
    ["  rules: [{ name: a, policy: wait }, { name: a, policy: 'off' }]", /Two rules have the same name/],
    ["  rules: [{ name: a, policy: wait, namespaces: [Shop] }]", /A pattern has a-z/],
    ["  rules: [{ name: a, policy: wait, images: ['app:1 2'] }]", /A pattern is a name without tag/],
    ["  rules: [{ name: a, policy: wait, selector: { matchLabels: { a: 'b c' } } }]", /no label's value/],
    [
      "  rules: [{ name: a, policy: wait, selector: { matchExpressions: [{ key: a, operator: In }] } }]",
      /need values/,
    ],
    [
      "  rules: [{ name: a, policy: wait, selector: { matchExpressions: [{ key: a, operator: Exists, values: [b] }] } }]",
      /need values/,
    ],
  ])("is refused where it says %s", (webhook, message) => {
    expect(() => load(`${webhook}\n`)).toThrow(message);
  });
});
