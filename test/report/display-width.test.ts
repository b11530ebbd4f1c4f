import { describe, expect, it } from "vitest";
import { displayWidth, keepEnd, keepStart, padToWidth } from "../../job/report/display-width.ts";

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["team/app", 8],
    ["é", 1],
    ["e\u0301", 1],
    ["界", 2],
    ["한글", 4],
    ["🚀", 2],
    ["👩‍🚀", 2],
    ["🇨🇭", 2],
    ["☑️", 2],
    ["█░…✓→", 5],
    ["ﾊﾝ", 2],
  ])("of %j is %i", (text, width) => expect(displayWidth(text)).toBe(width));
});

describe("cutting and padding", () => {
  it.each([
    [keepEnd("team/app:1", 20), "team/app:1"],
    [keepEnd("team/app:1", 6), "…app:1"],
    [keepEnd("世界界", 4), "…界"],
    [keepEnd("abc", 0), ""],
    [keepStart("team/app:1", 5), "team…"],
    [keepStart("世界界", 4), "世…"],
    [keepStart("ae\u0301bc", 3), "ae\u0301…"],
    [padToWidth("世", 4), "世  "],
    [padToWidth("long", 2), "long"],
  ])("gives %j", (text, expected) => expect(text).toBe(expected));
});
