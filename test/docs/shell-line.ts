/**
 * The command lines of a program in a shell's text: pipes, lists, redirections, comments and line continuations are
 * understood, expansions are not. Each is what follows the program's name.
 */
export function commandLines(script: string, program: string): string[][] {
  const joined = script.replaceAll(/\\\n\s*/g, " ");
  return joined
    .split("\n")
    .flatMap((line) => simpleCommands(line.replace(/^\s*\$ /, "")))
    .flatMap((words) => {
      const [first, ...rest] = words.filter((word) => !/^[A-Z_]+=/.test(word) || word.includes("/"));
      return first === program ? [rest] : [];
    });
}

// One step: a comment, a quoted part, an operator, a redirection with its file, or plain characters.
const token =
  /(?<=^|\s)#.*$|'([^']*)'|"([^"]*)"|(\|\|?|&&|;|\()|(\d?>>?&?\s*[^\s;|&]+|<\s*[^\s;|&]+)|([^\s'"|;&<>()]+|&)|(\s+|\))/g;

/** The words of each command of a line. */
function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const end = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (const [all, single, double, operator, redirection, plain] of line.matchAll(token)) {
    if (all.startsWith("#")) break;
    if (operator !== undefined) {
      end();
      commands.push([]);
    } else if (redirection !== undefined) {
      end();
    } else {
      const part = single ?? double ?? plain;
      if (part === undefined) end();
      else word = (word ?? "") + part;
    }
  }
  end();
  return commands;
}
