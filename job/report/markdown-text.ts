import { escapeForTerminal } from "./terminal-text.ts";

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "|": "&#124;",
  // A zero-width space keeps a comment from notifying people or linking to other threads.
  "@": "@&#8203;",
  "#": "#&#8203;",
};

/**
 * Text that reads as itself in GitHub's and GitLab's Markdown, also within a table: nothing in it becomes markup, HTML,
 * a mention, a reference to an issue, or a line break. Invisible and control characters are written out.
 * {@link https://github.github.com/gfm/}
 */
export function escapeMarkdown(text: string): string {
  return escapeForTerminal(text)
    .replace(/[\\`*_{}[\]()!~$]/g, "\\$&")
    .replace(/[&<>|@#]/g, (character) => entities[character] ?? character);
}

/** Text as code. HTML rather than backticks, which the text could end; mentions are not looked for in it. */
export function markdownCode(text: string): string {
  const escaped = escapeForTerminal(text).replace(
    /[&<>|`\\*_{}[\]~$@#]/g,
    (character) => `&#${character.charCodeAt(0)};`,
  );
  return `<code>${escaped}</code>`;
}
