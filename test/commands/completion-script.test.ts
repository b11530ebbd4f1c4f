import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Argument, Command, Option } from "commander";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completionScript } from "../../job/commands/completion-script.ts";
import { describeWithTool } from "../tool.ts";

function program(): Command {
  const root = new Command("image-promoter").description("Promotes images").version("1.0.0");
  root.addOption(new Option("--log-level <LEVEL>", "how much to log").choices(["debug", "info", "warn"]));
  root
    .command("promote")
    .description("Promote images: it's what the Job [PreSync] runs")
    .argument("[IMAGE...]")
    .option("-f, --filename <FILE|->", "images of manifests")
    .option("--cache <DIR>", "where to keep things")
    .option("--from <HOST>", "source")
    .option("--dry-run", "only plan")
    .addOption(
      new Option("-o, --output <FORMAT>", "how to print").choices(["text", "json", "yaml", "markdown"]),
    )
    .addOption(new Option("--secret-knob <X>").hideHelp());
  root.command("hidden", { hidden: true });
  const policy = root.command("policy").description("Repository policies");
  policy
    .command("apply")
    .description("Apply")
    .option("--policy-file <file>", "a policy")
    .option("--field <path>", "where in the policy");
  policy.command("diff").description("Differ");
  root.command("completion").addArgument(new Argument("<SHELL>").choices(["bash", "zsh", "fish"]));
  return root;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "completion-"));
  for (const shell of ["bash", "zsh", "fish"] as const) {
    writeFileSync(join(folder, `script.${shell}`), completionScript(program(), shell));
  }
  mkdirSync(join(folder, "work/release notes"), { recursive: true });
  writeFileSync(join(folder, "work/release.yaml"), "");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sets what bash sets when Tab is pressed after the words, and prints what the function answers. */
function bash(...words: string[]): string[] {
  const list = ["image-promoter", ...words].map((word) => `'${word}'`).join(" ");
  const script = `
    source ../script.bash
    COMP_WORDS=(${list}); COMP_CWORD=${words.length}
    _image_promoter
    ((\${#COMPREPLY[@]} == 0)) || printf '%s\\n' "\${COMPREPLY[@]}"`;
  return linesOf(
    execFileSync("bash", ["--norc", "-uc", script], { cwd: join(folder, "work"), encoding: "utf8" }),
  );
}

function fish(line: string): string[] {
  const script = `source ../script.fish; complete -C ${JSON.stringify(line)}`;
  const cwd = join(folder, "work");
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  return linesOf(execFileSync("fish", ["--no-config", "-c", script], { cwd, env, encoding: "utf8" })).map(
    (candidate) => candidate.split("\t", 1)[0] ?? "",
  );
}

/** What an interactive zsh needs so that its completion prints what it would offer, then ends. */
const zshInside = String.raw`
autoload -Uz compinit && compinit -u -D
source ../script.zsh
PROMPT=
bindkey '^I' complete-word
compadd() {
  if [[ "$@[1,(i)(-|--)]" == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a offered
  builtin compadd -A offered "$@"
  local candidate
  for candidate in $offered; do print -r -- "<$candidate>"; done
  builtin compadd "$@"
}
finished() { print -r -- "<finished>"; exit }
comppostfuncs=(finished)
print "<ready>"
`;

/** Types the line and Tab into an interactive zsh on a terminal of its own, and reads what it would offer. */
function zsh(line: string): string[] {
  writeFileSync(join(folder, "inside.zsh"), zshInside);
  const script = `
    zmodload zsh/zpty
    zpty inside zsh -f -i
    zpty -w inside 'source ../inside.zsh'
    zpty -r inside before $'*<ready>\\r\\n*'
    zpty -n -w inside ${JSON.stringify(line)}$'\\t'
    zpty -r inside answer '*<finished>*'
    print -r -- "$answer"`;
  const output = execFileSync("zsh", ["-fc", script], {
    cwd: join(folder, "work"),
    encoding: "utf8",
    timeout: 20_000,
  });
  const offered = Array.from(output.matchAll(/<([^<>\r\n]+)>/g), (match) => match[1] ?? "");
  return [...new Set(offered.filter((candidate) => candidate !== "finished"))].toSorted();
}

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();
}

const flags = [
  "--cache",
  "--dry-run",
  "--filename",
  "--from",
  "--help",
  "--log-level",
  "--output",
  "--version",
];
const short = ["-V", "-f", "-h", "-o"];

describe("bash", () => {
  it.each<[string, string[], string[]]>([
    ["subcommands", [""], ["completion", "help", "policy", "promote"]],
    ["subcommands by their beginning", ["pr"], ["promote"]],
    ["a hidden subcommand's beginning", ["hid"], []],
    ["subcommands after a global flag and its value", ["--log-level", "debug", "po"], ["policy"]],
    ["flags, the program's own too", ["promote", "-"], [...flags, ...short]],
    ["flags by their beginning", ["promote", "--f"], ["--filename", "--from"]],
    ["choices", ["promote", "-o", ""], ["json", "markdown", "text", "yaml"]],
    ["choices after =", ["promote", "--output", "=", "y"], ["yaml"]],
    ["choices right after =", ["promote", "--output", "="], ["json", "markdown", "text", "yaml"]],
    ["flags after a value after =", ["promote", "--output", "=", "json", "--dry"], ["--dry-run"]],
    ["choices of a global flag below a command", ["promote", "--log-level", "w"], ["warn"]],
    ["files", ["promote", "-f", "rel"], ["release notes", "release.yaml"]],
    ["directories", ["promote", "--cache", ""], ["release notes"]],
    ["nothing for a host", ["promote", "--from", ""], []],
    ["nothing for an image", ["promote", ""], []],
    ["nested subcommands", ["policy", ""], ["apply", "diff", "help"]],
    ["files in a nested subcommand", ["policy", "apply", "--policy-file", "release."], ["release.yaml"]],
    ["choices of an operand", ["completion", "z"], ["zsh"]],
    ["nothing for a path within a document", ["policy", "apply", "--field", ""], []],
    ["commands to be helped with", ["help", "p"], ["policy", "promote"]],
    ["a subcommand's name as a value", ["promote", "--from", "policy", "--dry"], ["--dry-run"]],
  ])("offers %s", (_what, words, expected) => {
    expect(bash(...words)).toEqual(expected.toSorted());
  });

  it("is accepted by an interactive bash, which then knows the completion", () => {
    const script = "source ../script.bash && complete -p image-promoter";
    const printed = execFileSync("bash", ["--norc", "-c", script], {
      cwd: join(folder, "work"),
      encoding: "utf8",
    });
    expect(printed.trim()).toBe("complete -F _image_promoter image-promoter");
  });
});

describeWithTool("fish", () => {
  it.each<[string, string, string[]]>([
    ["subcommands by their beginning", "image-promoter po", ["policy"]],
    ["choices", "image-promoter promote -o ", ["json", "markdown", "text", "yaml"]],
    ["choices after =", "image-promoter promote --output=y", ["--output=yaml"]],
    ["files", "image-promoter promote -f release.", ["release.yaml"]],
    ["nested subcommands", "image-promoter policy d", ["diff"]],
    ["choices of an operand", "image-promoter completion z", ["zsh"]],
    ["flags by their beginning", "image-promoter promote --f", ["--filename", "--from"]],
  ])("offers %s", (_what, line, expected) => {
    expect(fish(line)).toEqual(expected);
  });
});

describeWithTool("zsh", () => {
  it.each<[string, string, string[]]>([
    ["subcommands by their beginning", "image-promoter po", ["policy"]],
    ["choices", "image-promoter promote -o ", ["json", "markdown", "text", "yaml"]],
    ["choices of a flag beginning", "image-promoter promote --output=y", ["yaml"]],
    ["files", "image-promoter promote -f release.", ["release.yaml"]],
    ["nested subcommands", "image-promoter policy d", ["diff"]],
    ["choices of an operand", "image-promoter completion z", ["zsh"]],
    ["flags by their beginning", "image-promoter promote --f", ["--filename", "--from"]],
  ])("offers %s", (_what, line, expected) => {
    expect(zsh(line)).toEqual(expected);
  });
});
