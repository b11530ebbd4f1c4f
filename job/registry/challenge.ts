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
 * Each pattern is sticky, and none can match the same text in two ways: reading takes linear time.
 */
const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const quotedText = "(?:[\\t !\\x23-\\x5b\\x5d-\\x7e\\x80-\\uffff]|\\\\[\\t\\x20-\\x7e\\x80-\\uffff])*";
const authParameter = `(${token})[ \\t]*=[ \\t]*(?:(${token})|"(${quotedText})")(?=[ \\t]*(?:,|$))`;

const emptyElements = /[ \t,]*/y;
const token68 = /([A-Za-z0-9._~+/-]+=*)(?=[ \t]*(?:,|$))/y;
const endOfChallenge = /[ \t]*(?:,[ \t,]*|$)/y;

interface ParameterPatterns {
  readonly authScheme: RegExp;
  readonly firstParameter: RegExp;
  readonly nextParameter: RegExp;
}

let parameterPatterns: ParameterPatterns | undefined;

/** Made at the first challenge: where tokens are known beforehand none comes. */
function patternsOfParameters(): ParameterPatterns {
  parameterPatterns ??= {
    authScheme: new RegExp(`(${token})(?: +|(?=[\\t,])|$)`, "y"),
    firstParameter: new RegExp(`[ \\t,]*${authParameter}`, "y"),
    nextParameter: new RegExp(`[ \\t]*,[ \\t,]*${authParameter}`, "y"),
  };
  return parameterPatterns;
}

/** Matches a pattern where the last one ended. */
type Take = (pattern: RegExp) => RegExpExecArray | undefined;

/**
 * Reads the values of all `WWW-Authenticate` headers of an answer. A challenge that breaks the grammar or says a
 * parameter twice is ignored, with all that follows it in the same header.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11}
 */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap((header) => [...challengesIn(takeFrom(header))]);
}

function* challengesIn(take: Take): Generator<Challenge> {
  const { authScheme } = patternsOfParameters();
  take(emptyElements);
  for (;;) {
    const scheme = take(authScheme)?.[1]?.toLowerCase();
    if (scheme === undefined) return;
    const single = take(token68)?.[1];
    const parameters = single === undefined ? readParameters(take) : new Map<string, string>();
    if (parameters === undefined || take(endOfChallenge) === undefined) return;
    yield { scheme, parameters, ...(single !== undefined && { token68: single }) };
  }
}

/** @returns undefined when a parameter is there twice. */
function readParameters(take: Take): Map<string, string> | undefined {
  const { firstParameter, nextParameter } = patternsOfParameters();
  const parameters = new Map<string, string>();
  for (let found = take(firstParameter); found !== undefined; found = take(nextParameter)) {
    const [, name = "", bare, quoted = ""] = found;
    const key = name.toLowerCase();
    if (parameters.has(key)) return undefined;
    parameters.set(key, bare ?? quoted.replace(/\\(.)/g, "$1"));
  }
  return parameters;
}

function takeFrom(text: string): Take {
  let at = 0;
  return (pattern) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found !== undefined) at = pattern.lastIndex;
    return found;
  };
}
