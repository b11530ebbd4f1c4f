/** Why something that was found beside an image does not count as its signature. Never leaves the gate. */
export class SignatureDefect extends Error {
  override readonly name = "SignatureDefect";
  /** Whether it claims to be a signature at all, and is no attestation of something else. */
  readonly claimed: boolean;

  constructor(reason: string, options: { readonly claimed?: boolean; readonly cause?: unknown } = {}) {
    super(reason, options.cause === undefined ? undefined : { cause: options.cause });
    this.claimed = options.claimed ?? true;
  }
}

/** Text that somebody else wrote, short and with nothing in it that a terminal acts upon. */
export function quoted(text: unknown): string {
  const short = typeof text === "string" ? text.slice(0, 120) : typeof text;
  return JSON.stringify(short).replace(/[^\x20-\x7e]/g, "?");
}
