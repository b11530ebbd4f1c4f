/** Whether a character is one that a place of an expression stands for. */
export type CharacterTest = (character: string) => boolean;

type Found = { readonly fits: CharacterTest; readonly end: number } | { readonly fault: string };

const isDigit: CharacterTest = (character) => /^[0-9]$/.test(character);
const isWord: CharacterTest = (character) => /^\w$/.test(character);
const classes: Readonly<Record<string, CharacterTest>> = {
  d: isDigit,
  D: (character) => !isDigit(character),
  w: isWord,
  W: (character) => !isWord(character),
};

/** Reads what stands for one character at a position of an expression: itself, `.`, an escape or a class in brackets. */
export function readCharacterTest(text: string, position: number): Found {
  const character = text[position] ?? "";
  if (character === "[") return readBrackets(text, position + 1);
  if (character === "\\") return readEscape(text, position + 1);
  if (character === ".") return { fits: () => true, end: position + 1 };
  if (/[*+?{]/.test(character)) return { fault: `a ${character} has nothing before it to repeat` };
  if (/[\^$]/.test(character)) return { fault: `a ${character} is neither its beginning nor its end` };
  return { fits: (other) => other === character, end: position + 1 };
}

function readEscape(text: string, position: number): Found {
  const character = text[position] ?? "";
  const known = Object.hasOwn(classes, character) ? classes[character] : undefined;
  if (known !== undefined) return { fits: known, end: position + 1 };
  if (character === "") return { fault: "a \\ has nothing behind it" };
  if (/[a-zA-Z0-9]/.test(character)) return { fault: `\\${character} is not known here` };
  return { fits: (other) => other === character, end: position + 1 };
}

function readBrackets(text: string, begin: number): Found {
  const negated = text[begin] === "^";
  let position = negated ? begin + 1 : begin;
  const tests: CharacterTest[] = [];
  while (text[position] !== "]") {
    if (position >= text.length) return { fault: "a [ is not closed" };
    const first = memberAt(text, position);
    if ("fault" in first) return first;
    position = first.end;
    const isRange = text[position] === "-" && text[position + 1] !== "]" && first.character !== undefined;
    if (!isRange) {
      tests.push(first.fits);
      continue;
    }
    const last = memberAt(text, position + 1);
    if ("fault" in last) return last;
    if (last.character === undefined || last.character < (first.character ?? "")) {
      return { fault: "a range in [ ] has its ends reversed, or has none" };
    }
    const [low = "", high] = [first.character, last.character];
    tests.push((other) => other >= low && other <= high);
    position = last.end;
  }
  if (tests.length === 0) return { fault: "a [ ] has nothing in it" };
  return { fits: (other) => tests.some((fits) => fits(other)) !== negated, end: position + 1 };
}

type Member =
  | { readonly fits: CharacterTest; readonly end: number; readonly character?: string }
  | { readonly fault: string };

function memberAt(text: string, position: number): Member {
  const character = text[position] ?? "";
  if (character === "") return { fault: "a [ is not closed" };
  if (character !== "\\") return { fits: (other) => other === character, end: position + 1, character };
  const found = readEscape(text, position + 1);
  const escaped = text[position + 1] ?? "";
  return "fault" in found || Object.hasOwn(classes, escaped) ? found : { ...found, character: escaped };
}
