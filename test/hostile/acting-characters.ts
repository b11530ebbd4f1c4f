// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours begin with it
const color = /\u001b\[\d{1,2}m/g;

/** The characters of a text that a terminal, or a reader of lines, would act upon; line ends and tabs are ours. */
export function actingIn(text: string, { colored }: { readonly colored: boolean }): string[] {
  const plain = colored ? text.replaceAll(color, "") : text;
  return (plain.match(/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu) ?? []).map((found) =>
    JSON.stringify(found),
  );
}
