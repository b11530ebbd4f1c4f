import { allCommands, type Candidates, type CompletionCommand } from "./completion-tree.ts";

/** Completion for bash 3.2 and later, which needs no other package. */
export function bashCompletion(program: string, root: CompletionCommand): string {
  const name = `_${program.replaceAll(/\W/g, "_")}`;
  const commands = allCommands(root);
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
${commands.flatMap(valueCases).join("\n")}
    esac
    return
  fi
  case "$path" in
${commands.map(commandCase).join("\n")}
  esac
}
${name}_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
${name}_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
complete -F ${name} ${program}
`
    .replaceAll("@words", `${name}_words`)
    .replaceAll("@files", `${name}_files`);
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

function valueCases({ path, flags }: CompletionCommand): string[] {
  const here = path.join(" ");
  return flags.flatMap(({ names, value }) => {
    const offer = value && offerOf(value.candidates);
    return offer ? [`      ${names.map((name) => quote(`${here}/${name}`)).join("|")}) ${offer} ;;`] : [];
  });
}

function commandCase({ path, commands, flags, operands }: CompletionCommand): string {
  const flagWords = wordList(flags.flatMap((flag) => flag.names));
  const names = commands.map((command) => command.path.at(-1) ?? "");
  const rest = names.length > 0 ? offerOf({ type: "words", words: names }) : offerOf(operands);
  const other = rest === "" ? "" : `else ${rest}; `;
  return `    ${quote(path.join(" "))}) if [[ "$cur" == -* ]]; then @words ${flagWords}; ${other}fi ;;`;
}

function offerOf(candidates: Candidates): string {
  switch (candidates.type) {
    case "words":
      return `@words ${wordList(candidates.words)}`;
    case "file":
      return "@files -f";
    case "directory":
      return "@files -d";
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
