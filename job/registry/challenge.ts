/** One way to authenticate that a server offers. */
export interface Challenge {
  /** The scheme in lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By name in lower case. Empty where the scheme came with a `token68`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly token68?: string;
}

/*
 * RFC 9110, sections 5.6 and 11:
 *
 *   WWW-Authenticate = #challenge
 *   challenge        = auth-scheme [ 1*SP ( token68 / #auth-param ) ]
 *   auth-scheme      = token
 *   auth-param       = token BWS "=" BWS ( token / quoted-string )
 *   token68          = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
 *   quoted-string    = DQUOTE *( qdtext / quoted-pair ) DQUOTE
 *   qdtext           = HTAB / SP / %x21 / %x23-5B / %x5D-7E / obs-text
 *   quoted-pair      = "\" ( HTAB / SP / VCHAR / obs-text )
 *   #element         = [ element ] *( OWS "," OWS [ element ] )     (what recipients have to accept)
 *
 * Each pattern is sticky, and no two neighbours in it match the same character: reading takes linear time.
 */
const separators = /[ \t,]*/y;
const scheme = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: +|(?=[\t,])|$)/y;
const token68 = /([A-Za-z0-9._~+/-]+=*)(?=[ \t]*(?:,|$))/y;
const parameter =
  /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*)")(?=[ \t,]|$)/y;

/**
 * Reads the values of all `WWW-Authenticate` headers of an answer. From where a header breaks the grammar on, it is
 * ignored; so is a challenge that says a parameter twice.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11}
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap((header) => [...challengesIn(header)]);
}

function* challengesIn(header: string): Generator<Challenge> {
  let at = skip(header, 0);
  while (at < header.length) {
    const name = match(scheme, header, at);
    if (name === undefined) return;
    at = scheme.lastIndex;
    const parameters = new Map<string, string>();
    const single = match(token68, header, at)?.[1];
    if (single !== undefined) {
      at = token68.lastIndex;
    } else {
      const end = readParameters(header, at, parameters);
      if (end === undefined) return;
      at = end;
    }
    const [, text = ""] = name;
    yield { scheme: text.toLowerCase(), parameters, ...(single !== undefined && { token68: single }) };
    at = skip(header, at);
  }
}

/** @returns where the parameters end, or undefined when one is there twice. */
function readParameters(header: string, start: number, parameters: Map<string, string>): number | undefined {
  let at = start;
  for (;;) {
    const begin = skip(header, at);
    const found = match(parameter, header, begin);
    if (found === undefined) return at;
    const [, name = "", token, quoted = ""] = found;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, token ?? quoted.replace(/\\(.)/g, "$1"));
    at = parameter.lastIndex;
  }
}

function skip(header: string, at: number): number {
  match(separators, header, at);
  return separators.lastIndex;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
