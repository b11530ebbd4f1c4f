import { expect, it } from "vitest";
import { parse } from "yaml";
import { formatChecks } from "../../job/report/checks.ts";

const check = {
  check: "read",
  subject: "registry.example/a",
  status: "failed",
  message: "said \u001b[2J\u202e",
} as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const acting = /[\u001b\u202e]/;

it.each([
  ["json", (text: string): unknown => JSON.parse(text)],
  ["yaml", (text: string): unknown => parse(text)],
] as const)(
  "the document as %s has nothing in it that a terminal acts upon, and loses nothing",
  async (format, read) => {
    const text = await formatChecks([check], format, false);
    expect(text).not.toMatch(acting);
    expect(read(text)).toEqual({ apiVersion: "image-promoter/v1", kind: "Diagnosis", checks: [check] });
  },
);
