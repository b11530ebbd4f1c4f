import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { formatJson, formatYaml } from "../../job/report/json.ts";
import { copied, failed, kept, report } from "./example-report.ts";

const whole = report([copied, kept, failed]);
const hostile = report([
  { ...kept, warnings: ["\u001b[2J\u202e\u009b \u{e0041} \u2028", "one\ntwo\r\n\tthree", "- 'no' #\ud800"] },
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028\u{e0041}]/u;

describe("formatJson", () => {
  it("is the report itself, indented, on lines of its own", () => {
    expect(formatJson(whole)).toBe(`${JSON.stringify(whole, undefined, 2)}\n`);
  });

  it("escapes what a terminal would act upon, and loses nothing", () => {
    expect(formatJson(hostile)).not.toMatch(acting);
    expect(JSON.parse(formatJson(hostile))).toEqual(hostile);
  });
});

describe("formatYaml", () => {
  it("is the report itself", async () => {
    const yaml = await formatYaml(whole);
    expect(parse(yaml)).toEqual(whole);
    expect(yaml.split("\n").slice(0, 2)).toEqual(["apiVersion: image-promoter/v1", "kind: PromotionReport"]);
  });

  it("escapes what a terminal would act upon, and loses nothing", async () => {
    const yaml = await formatYaml(hostile);
    expect(yaml).not.toMatch(acting);
    expect(parse(yaml)).toEqual(hostile);
  });

  it("does not fold or share values", async () => {
    const long = `${"word ".repeat(60)}end`;
    const yaml = await formatYaml(
      report([
        { ...kept, warnings: [long] },
        { ...kept, warnings: [long] },
      ]),
    );
    expect(yaml.split(long)).toHaveLength(3);
    expect(yaml).not.toMatch(/[&*]a\d/);
  });
});
