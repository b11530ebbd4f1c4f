import { describe, expect, it } from "vitest";
import { chartVocabulary, defineTemplate } from "../../job/render/chart-vocabulary.ts";

const body = () => "  a: 1\n";
const nothing = () => "";

describe("the chart's words", () => {
  it("quote every scalar", () => {
    expect(chartVocabulary.knob("a.b")).toBe("{{ .Values.a.b | toJson }}");
    expect(chartVocabulary.text("a.b")).toBe("{{ .Values.a.b | toString | toJson }}");
    expect(chartVocabulary.computed("image")).toBe('{{ include "image-promoter.image" . | toJson }}');
  });

  it.each([
    [{ paths: ["a"] }, "if .Values.a"],
    [{ paths: ["a", "b"] }, "if or .Values.a .Values.b"],
    [{ paths: ["a"], is: "x" }, 'if eq .Values.a "x"'],
    [{ paths: [], computed: "from" }, 'if include "image-promoter.from" .'],
    [{ paths: ["a"], computed: "from" }, 'if or .Values.a (include "image-promoter.from" .)'],
  ])("write the condition %j", (condition, expression) => {
    expect(chartVocabulary.when(condition, body, nothing)).toBe(
      `  {{- ${expression} }}\n  a: 1\n  {{- end }}\n`,
    );
  });

  it("write the other body behind else", () => {
    const text = chartVocabulary.when({ paths: ["a"] }, body, () => "  b: 2\n");
    expect(text).toBe("  {{- if .Values.a }}\n  a: 1\n  {{- else }}\n  b: 2\n  {{- end }}\n");
  });
});

it("defines named templates without a line break at either end", () => {
  expect(defineTemplate("x", "a\nb\n")).toBe('{{- define "image-promoter.x" -}}\na\nb\n{{- end }}\n');
});
