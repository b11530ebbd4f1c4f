/** Most characters of one answer's warnings that are looked at: what the specification allows to send. */
const maxLength = 4096;

const warningPattern = /(?:^|,)\s*299\s+-\s+"((?:[^"\\]|\\.)*)"/g;

/**
 * The texts of `Warning: 299 - "…"` headers, which registries address to people; other warnings are not for us.
 * {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings}
 */
export function parseWarnings(header: string | undefined): string[] {
  const text = (header ?? "").slice(0, maxLength);
  return [...text.matchAll(warningPattern)]
    .map((match) => (match[1] ?? "").replaceAll(/\\(.)/g, "$1").trim())
    .filter((warning) => warning !== "");
}
