/** Longest wait, in milliseconds, that a registry may impose on us: 2 minutes. */
export const maxRetryAfterMs: number = 120_000;

/**
 * Milliseconds that a `Retry-After` header asks to wait, at most {@link maxRetryAfterMs}; undefined where there is
 * none, or none that can be read.
 * {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3}
 */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(maxRetryAfterMs, Math.max(0, waitMs));
}
