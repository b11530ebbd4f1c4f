import { hang } from "./indent.ts";
import { type DocumentedValue, documentedValues } from "./values-schema.ts";
import { yamlBlock } from "./yaml-scalar.ts";

const lineWidth = 100;

/** values.yaml: every value with its default, under a comment that says what it is. */
export function commentedValues(): string {
  const entries = documentedValues().map(entryOf);
  return `# Values of the chart image-promoter. What is wrong here fails at helm lint.\n${entries.join("")}`;
}

function entryOf({ path, description, fallback }: DocumentedValue): string {
  const depth = path.length - 1;
  const name = path.at(-1) ?? "";
  const comment = wrapped(description, lineWidth - 2 * depth).map((line) => `# ${line}`);
  const setting = fallback === undefined ? `${name}:` : yamlBlock({ [name]: fallback });
  const text = hang([...comment, setting].join("\n"), 2 * depth);
  // A blank line goes before every value of the first level.
  return `${depth === 0 ? "\n" : ""}${" ".repeat(2 * depth)}${text}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}
