import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { renderChart } from "../../job/render/chart.ts";
import { defaultChartValues } from "../../job/render/chart-values.ts";
import { templateSources } from "../../job/render/template-sources.ts";
import { documentedValues, valuesSchema } from "../../job/render/values-schema.ts";
import { outdated } from "../../scripts/generate.ts";
import { chartFolder } from "./helm.ts";

const files = new Map(renderChart().map(({ path, content }) => [path, content]));

describe("chart/", () => {
  it("is what npm run generate writes, and nothing else", async () => {
    expect(await outdated(renderChart(), chartFolder)).toEqual([]);
  });

  it("says what is missing, what differs, and what should not be there", async () => {
    const rendered = [
      { path: "Chart.yaml", content: "changed" },
      { path: "values.yaml", content: await readFile(join(chartFolder, "values.yaml"), "utf8") },
      { path: "new.yaml", content: "" },
    ];
    const paths = await outdated(rendered, chartFolder);
    expect(paths).toContain("Chart.yaml");
    expect(paths).toContain("new.yaml");
    expect(paths).toContain("README.md");
    expect(paths).not.toContain("values.yaml");
  });
});

describe("values.yaml", () => {
  it("holds the schema's defaults", () => {
    expect(parse(files.get("values.yaml") ?? "")).toEqual(defaultChartValues());
  });

  it("says of every value what it is, no line of it longer than a screen is wide", () => {
    const undescribed = documentedValues().filter(({ description }) => description === "");
    expect(undescribed).toEqual([]);
    const comments = (files.get("values.yaml") ?? "").split("\n").filter((line) => /^ *#/.test(line));
    expect(comments.length).toBeGreaterThan(50);
    expect(comments.filter((line) => line.length > 102)).toEqual([]);
  });

  it("names no key that an older reader of YAML takes for a boolean", () => {
    const names = documentedValues().map(({ path }) => path.at(-1));
    expect(names.filter((name) => /^(y|n|yes|no|on|off)$/i.test(name ?? ""))).toEqual([]);
  });
});

describe("README.md", () => {
  it("has a row for every value", () => {
    const readme = files.get("README.md") ?? "";
    for (const { path, fallback } of documentedValues()) {
      const row = `| \`${path.join(".")}\` |`;
      expect(readme.includes(row), row).toBe(fallback !== undefined);
    }
    expect(readme).toContain("| `job.backoffLimit` | integer | `2` |");
    expect(readme).toContain('| `copy.overwrite` | mutable, never | `"mutable"` |');
  });
});

describe("values.schema.json", () => {
  const patterns = [
    ...(files.get("values.schema.json") ?? "").matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g),
  ].map(([, pattern]) => String(JSON.parse(pattern ?? '""')));

  it("has patterns that Go reads: no look-around, no back reference, no more than a thousand repeats", () => {
    expect(patterns.length).toBeGreaterThan(5);
    expect(patterns.filter((pattern) => /\(\?[=!<]|\\[1-9]|\{\d*,?\d{4,}/.test(pattern))).toEqual([]);
  });

  it("knows every field, and wants those that have a default", () => {
    expect(valuesSchema()).toMatchObject({ additionalProperties: false, type: "object" });
    expect(valuesSchema().required).toEqual(expect.arrayContaining(["images", "source", "job", "hook"]));
    expect(valuesSchema().required).not.toContain("securityContext");
  });
});

describe("templates", () => {
  it("write Helm's expressions by the vocabulary alone", () => {
    const shared = Object.entries(templateSources).filter(([path]) =>
      /^(kubernetes|serve|update)\//.test(path),
    );
    expect(shared.length).toBeGreaterThan(5);
    for (const [path, text] of shared) {
      const words = [...text.matchAll(/\{\{+(.*?)\}\}+/gs)].map(([, inside = ""]) => inside.trim());
      const foreign = words.filter(
        (inside) =>
          !/^([#/]?(when|known)|else|knob|text|block|either|computed|computedBlock|include)\b|^documents\b/.test(
            inside,
          ),
      );
      expect(foreign, path).toEqual([]);
    }
  });

  it("define each named template once", () => {
    const names = [...files.values()].flatMap((text) =>
      [...text.matchAll(/\{\{-? *define "([^"]+)"/g)].map(([, name]) => name),
    );
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name, position) => names.indexOf(name) !== position)).toEqual([]);
  });

  it("end as they begin: every file of the chart ends in one line break", () => {
    for (const [path, content] of files) expect(content, path).toMatch(/[^\n]\n$/);
  });
});
