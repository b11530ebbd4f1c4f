/** The text with every line but the first moved to a column; empty lines stay empty. */
export function hang(text: string, column: number): string {
  return text.replaceAll(/\n(?=[^\n])/g, `\n${" ".repeat(column)}`);
}
