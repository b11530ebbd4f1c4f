import regjsparser, { type AstNode } from "regjsparser";
import { seededRandom } from "../emulator/faults.ts";

const features = { lookbehind: true, namedGroups: true, unicodePropertyEscape: true } as const;
type Node = AstNode<typeof features>;
type Loop = Node & { readonly type: "quantifier" };

/** Characters that tell classes apart, beside those of the pattern itself. */
const alphabet = [..."az09AZ-_./: \t\n\r\"'<>=?@[]{}()*+,;!#$%&\\|~^`\0é\u202e\u2028"];

/** More repetitions than this are as bad as no limit. */
const fewRepetitions = 300;

const samplesPerLoop = 8;

/** What may stand behind the repeated part so that the pattern does not match after all. */
const endings = ["", "\0", "!", "\n\0", '"'];

/**
 * Texts of about `length` characters on which a pattern takes longest if it is not linear: each of its loops gets a
 * text that leads to it, what it repeats over and over, and an end that fits nothing.
 */
export function attacksOn(pattern: RegExp, { length, seed }: { length: number; seed: number }): Set<string> {
  const root = regjsparser.parse(pattern.source, pattern.flags.replaceAll(/[dgy]/g, ""), features);
  const random = seededRandom(seed);
  const attacks = new Set<string>();
  for (const loop of loopsIn(root)) {
    for (let sample = 0; sample < samplesPerLoop; sample += 1) {
      const writer = new Writer(pattern, loop, random);
      writer.write(root);
      for (const attack of writer.attacks(length)) attacks.add(attack);
    }
  }
  return attacks;
}

function loopsIn(node: Node): Loop[] {
  const inner = "body" in node ? (node.body as Node[]).flatMap(loopsIn) : [];
  const endless = node.type === "quantifier" && (node.max ?? Number.POSITIVE_INFINITY) > fewRepetitions;
  return endless ? [node, ...inner] : inner;
}

/** Writes a text that a pattern matches, and remembers what one of its loops contributed. */
class Writer {
  readonly #pattern: RegExp;
  readonly #loop: Loop;
  readonly #random: () => number;
  #text = "";
  #before: string | undefined;
  #repeated = "";

  constructor(pattern: RegExp, loop: Loop, random: () => number) {
    this.#pattern = pattern;
    this.#loop = loop;
    this.#random = random;
  }

  *attacks(length: number): Generator<string> {
    if (this.#before === undefined || this.#repeated === "") return;
    const whole = this.#before + this.#repeated;
    for (const end of endings) {
      yield this.#before + this.#repeated.repeat(Math.max(1, length / this.#repeated.length)) + end;
      // Where the search may begin anywhere, each beginning may be tried.
      yield whole.repeat(Math.max(1, length / whole.length)) + end;
    }
  }

  write(node: Node): void {
    switch (node.type) {
      case "alternative":
        for (const part of node.body) this.write(part);
        break;
      case "disjunction":
        this.write(this.#leading(node.body) ?? this.#oneOf(node.body));
        break;
      case "group":
        if (!node.behavior.startsWith("negative")) for (const part of node.body) this.write(part);
        break;
      case "quantifier":
        this.#repeat(node);
        break;
      case "value":
        this.#text += this.#oneOf([String.fromCodePoint(node.codePoint)]);
        break;
      case "characterClass":
      case "characterClassEscape":
      case "dot":
      case "unicodePropertyEscape":
        this.#text += this.#oneOf(this.#membersOf(node));
        break;
      default:
    }
  }

  #repeat(node: Loop): void {
    const least =
      node === this.#loop || loopsIn(node).includes(this.#loop) ? Math.max(1, node.min) : node.min;
    const times = Math.min(least + Math.floor(this.#random() * 2), node.max ?? Number.POSITIVE_INFINITY);
    const start = this.#text;
    for (let time = 0; time < times; time += 1) for (const part of node.body) this.write(part);
    if (node !== this.#loop || this.#before !== undefined) return;
    this.#before = start;
    this.#repeated = this.#text.slice(start.length);
  }

  /** The branch that leads to the loop. */
  #leading(branches: readonly Node[]): Node | undefined {
    return branches.find((branch) => loopsIn(branch).includes(this.#loop));
  }

  #membersOf({ raw }: Node): readonly string[] {
    const one = new RegExp(`^(?:${raw})$`, this.#pattern.flags.replaceAll(/[dgy]/g, ""));
    return [...this.#pattern.source, ...alphabet].filter((character) => one.test(character));
  }

  #oneOf<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    if (choice === undefined)
      throw new Error(`No character of the alphabet fits into ${this.#pattern.source}`);
    return choice;
  }
}
