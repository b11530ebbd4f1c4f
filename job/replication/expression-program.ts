import { PromoterError } from "../error.ts";
import { type CharacterTest, readCharacterTest } from "./expression-characters.ts";

/** A state of an expression: reads a character, or leads on without one. */
export type Step =
  | { readonly kind: "character"; readonly fits: CharacterTest; next: number }
  | { readonly kind: "fork"; readonly next: number[] };

/** An expression as the states that it goes through. */
export interface Program {
  readonly steps: readonly Step[];
  readonly start: number;
  readonly end: number;
}

/** A part of a program: `end` is a fork that leads nowhere yet. */
interface Part {
  readonly start: number;
  readonly end: number;
}

const maxLength = 512;
const maxSteps = 4_096;
const maxDepth = 50;

/**
 * Reads an expression into its states. `^` at its beginning and `$` at its end are left out: it matches whole texts.
 *
 * @throws {PromoterError} `InvalidConfiguration`
 */
export function parseExpression(text: string): Program {
  if (text.length > maxLength) throw invalid(text, `it has more than ${maxLength} characters`);
  const parser = new ExpressionParser(text);
  return parser.parse();
}

class ExpressionParser {
  readonly #text: string;
  readonly #end: number;
  readonly #steps: Step[] = [];
  #position: number;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#position = text.startsWith("^") ? 1 : 0;
    const anchored = text.endsWith("$") && backslashesAt(text, text.length - 2) % 2 === 0;
    this.#end = anchored ? text.length - 1 : text.length;
  }

  parse(): Program {
    const part = this.#alternatives();
    if (this.#position < this.#end) throw invalid(this.#text, "a ) has no ( before it");
    return { ...part, steps: this.#steps };
  }

  #alternatives(): Part {
    const start = this.#fork();
    const end = this.#fork();
    do {
      const part = this.#sequence();
      this.#lead(start, part.start);
      this.#lead(part.end, end);
    } while (this.#take("|"));
    return { start, end };
  }

  #sequence(): Part {
    const start = this.#fork();
    let end = start;
    while (this.#position < this.#end && this.#peek() !== "|" && this.#peek() !== ")") {
      const begin = this.#position;
      const part = this.#quantified(this.#item(), begin);
      this.#lead(end, part.start);
      end = part.end;
    }
    return { start, end };
  }

  #item(): Part {
    if (this.#take("(")) return this.#group();
    const found = readCharacterTest(this.#text.slice(0, this.#end), this.#position);
    if ("fault" in found) throw invalid(this.#text, found.fault);
    this.#position = found.end;
    const end = this.#fork();
    return { start: this.#add({ kind: "character", fits: found.fits, next: end }), end };
  }

  #group(): Part {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw invalid(this.#text, "its groups are too deep");
    if (this.#take("?") && !this.#take(":")) throw invalid(this.#text, "it looks around or names a group");
    const part = this.#alternatives();
    if (!this.#take(")")) throw invalid(this.#text, "a ( is not closed");
    this.#depth -= 1;
    return part;
  }

  /** Repeats what was read from `begin` on; the states of each repetition are made anew from its text. */
  #quantified(first: Part, begin: number): Part {
    const times = this.#quantifier();
    if (times === undefined) return first;
    if (/[*+?{]/.test(this.#peek())) throw invalid(this.#text, "a repetition is repeated, or is not greedy");
    const rest = this.#position;
    const again = (): Part => {
      this.#position = begin;
      const part = this.#item();
      this.#position = rest;
      return part;
    };
    return this.#repeat(first, times, again);
  }

  #repeat(first: Part, { least, most }: Times, again: () => Part): Part {
    const start = this.#fork();
    const end = this.#fork();
    let last = start;
    const count = most ?? Math.max(least, 1);
    for (let index = 0; index < count; index += 1) {
      const part = index === 0 ? first : again();
      if (index >= least) this.#lead(last, end);
      this.#lead(last, part.start);
      // Without an upper bound the last repetition may begin again.
      if (most === undefined && index === count - 1) this.#lead(part.end, part.start);
      last = part.end;
    }
    this.#lead(last, end);
    return { start, end };
  }

  #quantifier(): Times | undefined {
    if (this.#take("*")) return { least: 0 };
    if (this.#take("+")) return { least: 1 };
    if (this.#take("?")) return { least: 0, most: 1 };
    if (this.#peek() !== "{") return undefined;
    const found = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(this.#text.slice(this.#position, this.#end));
    if (found === null) throw invalid(this.#text, "a { begins no {m}, {m,} or {m,n}");
    this.#position += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === undefined ? undefined : Number(found[3]);
    if (most !== undefined && most < least)
      throw invalid(this.#text, "a repetition has its numbers reversed");
    return { least, ...(most !== undefined && { most }) };
  }

  #peek(): string {
    return this.#position < this.#end ? (this.#text[this.#position] ?? "") : "";
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position += 1;
    return true;
  }

  #fork(): number {
    return this.#add({ kind: "fork", next: [] });
  }

  #lead(from: number, to: number): void {
    const step = this.#steps[from];
    if (step?.kind === "fork") step.next.push(to);
  }

  #add(step: Step): number {
    if (this.#steps.length >= maxSteps) throw invalid(this.#text, "its repetitions make it too large");
    return this.#steps.push(step) - 1;
  }
}

interface Times {
  readonly least: number;
  readonly most?: number;
}

/** How many backslashes stand together, the last of them at a position. */
function backslashesAt(text: string, position: number): number {
  let first = position;
  while (text[first] === "\\") first -= 1;
  return position - first;
}

function invalid(text: string, what: string): PromoterError {
  return new PromoterError(
    "InvalidConfiguration",
    `Cannot use the regular expression ${JSON.stringify(text.slice(0, 100))}: ${what}`,
    {
      hint: "Write characters, . [a-z] \\d \\w ( ) | * + ? and {m,n}, to match whole tags: v\\d+\\.\\d+\\.\\d+",
    },
  );
}
