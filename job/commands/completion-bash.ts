import { allCommands, type Candidates, type CompletionCommand } from "./completion-tree.ts";

/** Completion for bash 3.2 and later, which needs no other package. */
export function bashCompletion(program: string, root: CompletionCommand): string {
  const name = `_${program.replaceAll(/\W/g, "_")}`;
  const commands = allCommands(root);
  const say: Vocabulary = { words: `${name}_words`, files: `${name}_files` };
  return `# bash completion for ${program}; to try it: source <(${program} completion bash)
${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" path="" flag="" word i IFS=$' \\t\\n'
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    # Bash takes --flag=value for three words.
    if [[ "$word" == "=" ]]; then continue; fi
    if [[ -n "$flag" ]]; then flag=""; continue; fi
    case "$path/$word" in
${commands.flatMap(walkCases).join("\n")}
    esac
  done
  if [[ "$cur" == "=" && -n "$flag" ]]; then cur=""; fi
  if [[ -n "$flag" ]]; then
    case "$path/$flag" in
${commands.flatMap((command) => valueCases(command, say)).join("\n")}
    esac
    return
  fi
  case "$path" in
${commands.map((command) => commandCase(command, say)).join("\n")}
  esac
}
${say.words}() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
${say.files}() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
complete -F ${name} ${program}
`;
}

/** The names of the script's own functions that offer words, and files. */
interface Vocabulary {
  readonly words: string;
  readonly files: string;
}

/** How a word that stands before the one to complete moves on: to a subcommand, or to a flag that wants a value. */
function walkCases({ path, commands, flags }: CompletionCommand): string[] {
  const here = path.join(" ");
  const wanting = flags.filter((flag) => flag.value !== undefined).flatMap((flag) => flag.names);
  return [
    ...(wanting.length > 0
      ? [`      ${wanting.map((name) => quote(`${here}/${name}`)).join("|")}) flag="$word" ;;`]
      : []),
    ...commands.map((command) => {
      const below = command.path.join(" ");
      return `      ${quote(`${here}/${command.path.at(-1) ?? ""}`)}) path=${quote(below)} ;;`;
    }),
  ];
}

function valueCases({ path, flags }: CompletionCommand, say: Vocabulary): string[] {
  const here = path.join(" ");
  return flags.flatMap(({ names, value }) => {
    const offer = value && offerOf(value.candidates, say);
    return offer ? [`      ${names.map((name) => quote(`${here}/${name}`)).join("|")}) ${offer} ;;`] : [];
  });
}

function commandCase({ path, commands, flags, operands }: CompletionCommand, say: Vocabulary): string {
  const flagWords = wordList(flags.flatMap((flag) => flag.names));
  const names = commands.map((command) => command.path.at(-1) ?? "");
  const rest = names.length > 0 ? offerOf({ type: "words", words: names }, say) : offerOf(operands, say);
  const other = rest === "" ? "" : `else ${rest}; `;
  return `    ${quote(path.join(" "))}) if [[ "$cur" == -* ]]; then ${say.words} ${flagWords}; ${other}fi ;;`;
}

function offerOf(candidates: Candidates, say: Vocabulary): string {
  switch (candidates.type) {
    case "words":
      return `${say.words} ${wordList(candidates.words)}`;
    case "file":
      return `${say.files} -f`;
    case "directory":
      return `${say.files} -d`;
    case "unknown":
      return "";
    default:
      return candidates satisfies never;
  }
}

/** `compgen -W` expands its words once more, so only those that stay as they are can be offered. */
function wordList(words: readonly string[]): string {
  return quote(words.filter((word) => /^[\w.,:/@%+-]+$/.test(word)).join(" "));
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
