import {
  allCommands,
  type Candidates,
  type CompletionCommand,
  type CompletionFlag,
} from "./completion-tree.ts";

/** Completion for zsh, to be sourced or put into a folder of `fpath` as `_image-promoter`. */
export function zshCompletion(program: string, root: CompletionCommand): string {
  const functions = allCommands(root).map((command) => functionOf(program, command));
  const name = functionName(program, []);
  return `#compdef ${program}
# zsh completion for ${program}; to try it: source <(${program} completion zsh)
${functions.join("\n")}
if [[ "\${funcstack[1]}" == ${name} ]]; then
  ${name} "$@"
else
  compdef ${name} ${program}
fi
`;
}

function functionOf(program: string, command: CompletionCommand): string {
  const { path, commands, flags, operands } = command;
  const specs = flags.flatMap(flagSpecs);
  const name = functionName(program, path);
  if (commands.length === 0) {
    return `${name}() {
  _arguments -s -S ${[...specs, quote(`*: :${action(operands)}`)].join(" \\\n    ")}
}`;
  }
  const entries = commands.map((below) => quote(`${below.path.at(-1)}:${below.description}`));
  const calls = commands.map(
    (below) => `        ${below.path.at(-1)}) ${functionName(program, below.path)} ;;`,
  );
  return `${name}() {
  local line state curcontext="$curcontext"
  local -a commands
  _arguments -s -S -C ${[...specs, "'1: :->command'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
    command)
      commands=(${entries.join(" ")})
      _describe command commands
      ;;
    rest)
      case $line[1] in
${calls.join("\n")}
      esac
      ;;
  esac
}`;
}

/** `'*--output=[how to print the result]:FORMAT:(text json)'`. What takes a value may be repeated, a switch may not. */
function flagSpecs({ names, description, value }: CompletionFlag): string[] {
  const text = escapeSpec(description).replaceAll(/[[\]]/g, "\\$&");
  if (value === undefined) return names.map((name) => quote(`(${names.join(" ")})${name}[${text}]`));
  const argument = `:${escapeSpec(value.name)}:${action(value.candidates)}`;
  return names.map((name) => quote(`*${name}${name.startsWith("--") ? "=" : ""}[${text}]${argument}`));
}

function action(candidates: Candidates): string {
  switch (candidates.type) {
    case "words":
      return `(${candidates.words.map((word) => word.replaceAll(/[^\w.,/@%+-]/g, "\\$&")).join(" ")})`;
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case "unknown":
      return " ";
    default:
      return candidates satisfies never;
  }
}

function functionName(program: string, path: readonly string[]): string {
  return `_${[program, ...path].join("__").replaceAll(/\W/g, "_")}`;
}

function escapeSpec(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll(":", "\\:");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
