import { type Program, parseExpression } from "./expression-program.ts";

/** A regular expression whose matching takes at most `text × size of the expression` steps, whatever is written in it. */
export interface LinearExpression {
  readonly text: string;
  /** Whether the expression matches the whole text. */
  matches(text: string): boolean;
}

/**
 * Reads a regular expression: characters, `.`, classes (`[a-z]`, `\d`, `\w`), groups, `|`, `*`, `+`, `?` and `{m,n}`.
 * All states that it could be in are followed at once, so that none has to be taken back.
 * {@link https://swtch.com/~rsc/regexp/regexp2.html}
 *
 * @throws {PromoterError} `InvalidConfiguration` for what is no such expression, look-arounds and back references
 * among it, or is too large.
 */
export function linearExpression(text: string): LinearExpression {
  const program = parseExpression(text);
  return { text, matches: (tag) => matchesWhole(program, tag) };
}

function matchesWhole(program: Program, text: string): boolean {
  let states = closure(program, [program.start]);
  for (const character of text) {
    const next: number[] = [];
    for (const state of states) {
      const step = program.steps[state];
      if (step?.kind === "character" && step.fits(character)) next.push(step.next);
    }
    if (next.length === 0) return false;
    states = closure(program, next);
  }
  return states.has(program.end);
}

/** The states that are reached from some without reading a character. */
function closure({ steps }: Program, from: readonly number[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const waiting = [...from];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    const step = steps[state];
    if (step?.kind === "fork") waiting.push(...step.next);
  }
  return reached;
}
