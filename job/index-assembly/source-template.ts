import type { MemberPlatform } from "./platform.ts";

/** What the words of a template stand for, of a platform: `{architecture}`, `{platform}`. */
export function platformWords({ os, architecture, variant = "" }: MemberPlatform) {
  const platform = [os, architecture, variant].filter((part) => part !== "").join("-");
  return { os, architecture, variant, platform };
}

/** A template with what the words in its braces stand for. */
export function filled(template: string, words: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole);
}
