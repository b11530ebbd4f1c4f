import { randomUUID } from "node:crypto";
import { type BareRepository, must, text } from "./bare-repository.ts";
import type { TreeEntry } from "./branch-tree.ts";
import { gitError } from "./git-error.ts";

/** Who writes commits. */
export interface GitIdentity {
  readonly name: string;
  readonly email: string;
}

export interface NewCommit {
  readonly parent: string;
  /** The parent's files, and those that are written instead or beside. */
  readonly files: ReadonlyMap<string, TreeEntry>;
  readonly written: ReadonlyMap<string, string>;
  readonly author: GitIdentity;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sign: boolean;
}

/**
 * Writes a commit whose files differ from its parent's by what was written: byte for byte, past all that git does to
 * files when it checks them out and in again.
 *
 * @returns its id.
 */
export async function writeCommit({ address, run }: BareRepository, commit: NewCommit): Promise<string> {
  const { parent, message, author, at, sign } = commit;
  const args = ["fast-import", "--quiet", "--date-format=raw"];
  const unsigned = text(await must(run, args, { input: streamOf(commit) }));
  if (!sign) return unsigned;
  const date = dateOf(at);
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: `@${date}`,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: `@${date}`,
  };
  const signed = ["commit-tree", "-S", "-p", parent, "-F", "-", `${unsigned}^{tree}`];
  const ended = await run(signed, { env, input: message });
  if (ended.exitCode !== 0) throw gitError("sign a commit for", address, ended);
  return text(ended);
}

/** {@link https://git-scm.com/docs/git-fast-import#_input_format} */
function streamOf({ parent, files, written, author, message, at }: NewCommit): string {
  const person = `${withoutBrackets(author.name)} <${withoutBrackets(author.email)}> ${dateOf(at)}`;
  const changes = Array.from(written, ([path, content]) => {
    const mode = files.get(path)?.mode ?? "100644";
    return `M ${mode} inline ${quotedPath(path)}\n${data(content)}`;
  });
  return [
    `commit refs/promoter/new/${randomUUID()}`,
    "mark :1",
    `author ${person}`,
    `committer ${person}`,
    data(message),
    `from ${parent}`,
    ...changes,
    "get-mark :1",
    "",
  ].join("\n");
}

/** The line end behind it is the one that may follow; a second one would end the commit. */
function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}`;
}

function quotedPath(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function withoutBrackets(text: string): string {
  return text.replace(/[<>\p{Cc}]/gu, "").trim();
}

function dateOf(at: number): string {
  return `${Math.floor(at / 1000)} +0000`;
}
