import { describe, expect, it } from "vitest";
import { excerptOf } from "../../job/images/source-excerpt.ts";

const at = (line: number, column: number) => ({ line, column });

describe("excerptOf", () => {
  it("shows the line, its number and carets", () => {
    expect(excerptOf("a: 1\nbc: 23\n", at(2, 5), 2)).toBe("  2 | bc: 23\n    |     ^^");
  });

  it("keeps carets under the line and tabs in their place", () => {
    expect(excerptOf("\ta: 1\r\n", at(1, 5), 99)).toBe("  1 | \ta: 1\n    | \t   ^");
  });

  it("cuts long lines around the caret", () => {
    const text = `${"x".repeat(300)}!${"y".repeat(300)}`;
    const [line = "", caret = ""] = (excerptOf(text, at(1, 301)) ?? "").split("\n");
    expect(line).toMatch(/^ {2}1 \| …x{50}!y{49}…$/);
    expect(line[caret.indexOf("^")]).toBe("!");
  });

  it("shows control characters as dots", () => {
    expect(excerptOf("a\u001b[31mb", at(1, 1))).toBe("  1 | a·[31mb\n    | ^");
  });

  it.each([
    ["a blank line", "  \n", at(1, 1)],
    ["a line that is not there", "a\n", at(2, 1)],
    ["a private key", "a: '-----BEGIN EC PRIVATE KEY-----hush'", at(1, 1)],
    ["a line of a program's length", "x".repeat(4001), at(1, 1)],
  ])("shows nothing of %s", (_name, text, position) => expect(excerptOf(text, position)).toBeUndefined());

  it.each([
    "password: hunter2",
    "  DB_PASSWORD: hunter2",
    '"apiToken": "hunter2"',
    "- { name: A, value: hunter2 }",
    "export AWS_SECRET_ACCESS_KEY=hunter2",
    "externalId: hunter2",
    "Authorization: Basic hunter2",
    "url: https://user:hunter2@example.com/",
    "url: https://hunter2@example.com/",
  ])("never shows the secret in %s", (line) => {
    for (const column of [1, line.indexOf("hunter2") + 1, line.length]) {
      expect(excerptOf(line, at(1, column), 3)).not.toContain("hunter2");
    }
  });

  it("keeps the caret under a key whose value is left out", () => {
    expect(excerptOf("  token: hunter2", at(1, 3), 5)).toBe("  1 |   token: …\n    |   ^^^^^");
    expect(excerptOf("  token: hunter2", at(1, 10), 5)).toBe("  1 |   token: …");
  });
});
