import { describe, expect, it } from "vitest";
import { chartVocabulary } from "../../job/render/chart-vocabulary.ts";
import { renderTemplate, templatePaths, templateSource } from "../../job/render/template.ts";

describe("renderTemplate", () => {
  it("puts every word in the target's way, and further lines where the word stands", () => {
    const text = renderTemplate("kubernetes/job.yaml.hbs", chartVocabulary);
    expect(text).toContain('  name: {{ include "image-promoter.jobName" . | toJson }}\n');
    expect(text).toContain('    {{- include "image-promoter.jobLabels" . | nindent 4 }}\n');
    expect(text).toContain('  {{- if include "image-promoter.jobAnnotations" . }}\n  annotations:\n');
  });

  it("does not know templates that are not there", () => {
    expect(() => renderTemplate("kubernetes/secret.yaml.hbs", chartVocabulary)).toThrow(
      "There is no template",
    );
    expect(() => templateSource("../package.json")).toThrow("There is no template");
  });

  it("lists templates by their folder", () => {
    expect(templatePaths("kubernetes/")).toContain("kubernetes/job.yaml.hbs");
    expect(templatePaths("nowhere/")).toEqual([]);
  });
});
