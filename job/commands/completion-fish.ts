import {
  allCommands,
  type Candidates,
  type CompletionCommand,
  type CompletionFlag,
} from "./completion-tree.ts";

/** Completion for fish 3 and later. */
export function fishCompletion(program: string, root: CompletionCommand): string {
  return `# fish completion for ${program}; to try it: ${program} completion fish | source
complete -c ${program} -f
${allCommands(root)
  .flatMap((command) => linesOf(program, command))
  .join("\n")}
`;
}

function linesOf(program: string, command: CompletionCommand): string[] {
  const { path, commands, flags, operands } = command;
  const names = commands.map((below) => below.path.at(-1) ?? "");
  const seen = path.map((name) => `__fish_seen_subcommand_from ${name}`);
  const notBelow = names.length > 0 ? [`not __fish_seen_subcommand_from ${names.join(" ")}`] : [];
  const condition = [...seen, ...notBelow].join("; and ");
  const start = `complete -c ${program}${condition === "" ? "" : ` -n ${quote(condition)}`}`;
  return [
    ...commands.map(
      (below) => `${start} -a ${quote(below.path.at(-1) ?? "")}${described(below.description)}`,
    ),
    ...flags.map((flag) => `${start}${flagOptions(flag)}`),
    ...(operands.type === "unknown" || commands.length > 0 ? [] : [`${start}${valueOptions(operands)}`]),
  ];
}

function flagOptions({ names, description, value }: CompletionFlag): string {
  const spelled = names.map((name) =>
    name.startsWith("--") ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`,
  );
  // A value is required; unless it is a file's name, file names are no candidates.
  const wants =
    value && `${value.candidates.type === "file" ? " -r" : " -x"}${valueOptions(value.candidates)}`;
  return `${spelled.join("")}${wants ?? ""}${described(description)}`;
}

function valueOptions(candidates: Candidates): string {
  switch (candidates.type) {
    case "words":
      return ` -a ${quote(candidates.words.join(" "))}`;
    case "file":
      return " -F";
    case "directory":
      return " -a '(__fish_complete_directories)'";
    case "unknown":
      return "";
    default:
      return candidates satisfies never;
  }
}

function described(description: string): string {
  return description === "" ? "" : ` -d ${quote(description)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
